import type { EventDraft } from '@ctxlock/contracts/events'

import type { Session } from '../session/session.ts'
import { finishErasures } from './carry-out.ts'
import type { ErasurePlan } from './erasure-plan.ts'
import { beginErasure } from './interrupted-erasure.ts'
import { listedParts } from './listed-parts.ts'

type OrderPayload = Extract<EventDraft, { type: 'erasure_ordered' }>['payload']
export type ErasureCause = Pick<OrderPayload, 'cause' | 'reason' | 'user_id' | 'older_than'>

/** Records what is to be erased, has it signed and anchored, and only then erases it. */
export async function erase(session: Session, plan: ErasurePlan, cause: ErasureCause, runId: string) {
  beginErasure(session.state.folder)
  const base = { trace_id: session.environment.random.uuid(), workflow_run_id: runId }
  session.recorder.recordAll(
    payloadsOf(plan).map((part) => ({
      ...base,
      actor: cause.cause === 'person' ? ('human' as const) : ('system' as const),
      fr_event_id: 'FR-EVT-X-ERASE-001',
      type: 'erasure_ordered',
      payload: { ...cause, ...part },
    })),
  )
  return finishErasures(session)
}

/** The plan as orders of bounded size. Counts of runs stand with the last ranges, because they hold when all of them are gone. */
function payloadsOf(plan: ErasurePlan) {
  const events = listedParts(plan.events)
  const runs = listedParts(plan.runs)
  const calls = listedParts(plan.calls)
  const runIds = listedParts(plan.runIds)
  const objects = listedParts(plan.objects)
  const vaultObjects = listedParts(plan.vaultObjects)
  const orders = Math.max(1, ...[events, runs, calls, runIds, objects, vaultObjects].map(({ length }) => length))
  return Array.from({ length: orders }, (_, part) => ({
    events: events[part] ?? [],
    runs: runs[part] ?? [],
    calls: calls[part] ?? [],
    run_ids: runIds[part] ?? [],
    objects: objects[part] ?? [],
    vault_objects: vaultObjects[part] ?? [],
  }))
}
