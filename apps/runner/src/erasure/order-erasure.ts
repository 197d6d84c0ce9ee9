import type { EventDraft } from '@ctxlock/contracts/events'

import type { Session } from '../session/session.ts'
import { finishErasures } from './carry-out.ts'
import type { ErasurePlan } from './erasure-plan.ts'
import { beginErasure } from './interrupted-erasure.ts'

type OrderPayload = Extract<EventDraft, { type: 'erasure_ordered' }>['payload']
export type ErasureCause = Pick<OrderPayload, 'cause' | 'reason' | 'user_id' | 'older_than'>

/** As many of each as one event may name. */
const MAX_LISTED = 256

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
function payloadsOf({ events, runs, calls, runIds, objects, vaultObjects }: ErasurePlan) {
  const longest = Math.max(...[events, runs, calls, runIds, objects, vaultObjects].map(({ length }) => length))
  const orders = Math.max(1, Math.ceil(longest / MAX_LISTED))
  return Array.from({ length: orders }, (_, index) => {
    const part = <Item>(items: readonly Item[]) => items.slice(index * MAX_LISTED, (index + 1) * MAX_LISTED)
    return {
      events: part(events),
      runs: part(runs),
      calls: part(calls),
      run_ids: part(runIds),
      objects: part(objects),
      vault_objects: part(vaultObjects),
    }
  })
}
