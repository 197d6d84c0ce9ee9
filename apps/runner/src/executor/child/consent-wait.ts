import type { RunInfo, WorkflowContext } from '@ctxlock/contracts/engine'
import { ChildResult } from '@ctxlock/contracts/micro-task-iteration'
import { openEngine } from '@ctxlock/durable-engine'
import { lastConsentRequest, type StoredConsentRequest } from '@ctxlock/governance'
import { z } from 'zod'

import type { CommandError } from '../../command-error.ts'
import { waitsForPerson } from '../../consent/consent-refusal.ts'
import { rebuiltBytes } from '../../consent/rebuilt-bytes.ts'
import { storedRequests } from '../../consent/find-request.ts'
import { shownState, type ConsentPlace } from '../../consent/shown-state.ts'
import type { Session } from '../../session/session.ts'
import { parentRunOf } from './child-runs.ts'

const WAIT = 'consent-'

/** What one look at a child finds: what it came to, or that a person has to answer first. */
export const ChildLook = z.discriminatedUnion('status', [
  ...ChildResult.options,
  z.strictObject({ status: z.literal('waiting') }),
])
export type ChildLook = z.infer<typeof ChildLook>

/** Looks until a person has answered: in between the run is parked and costs nothing. `look` is one durable step under the key it is given. */
export async function untilAnswered(
  context: Pick<WorkflowContext, 'waitForSignal'>,
  key: string,
  look: (key: string) => Promise<ChildLook>,
): Promise<ChildResult> {
  for (let number = 1; ; number += 1) {
    const found = await look(`${key}/look-${number}`)
    if (found.status !== 'waiting') return found
    await context.waitForSignal(`${WAIT}${number}/${key}`)
  }
}

/** Lets a run that is gone on with look again at the children it waits for: a person may have answered meanwhile. True if it waited. */
export async function lookAgain({ state, environment }: Session, runId: string): Promise<boolean> {
  const engine = openEngine({ database: state.database, environment })
  try {
    const run = await engine.get(runId)
    const keys = run ? consentWaits(run) : []
    for (const key of keys) await engine.signal(runId, key, null, { idempotencyKey: key })
    return keys.length > 0
  } finally {
    await engine.close()
  }
}

/** The requests of a run that wait for an answer, the newest first: a source that changes while one waits leaves it behind. */
export function openConsents(place: ConsentPlace, runId: string): StoredConsentRequest[] {
  return storedRequests(place.database)
    .filter((found) => found.asked.run_id === runId && shownState(place, found) === 'waiting')
    .toReversed()
}

/** Ends this process while the run waits for a person's consent; undefined for one that waits for something else. */
export function consentMissing(session: Session, run: RunInfo): CommandError | undefined {
  if (consentWaits(run).length === 0) return undefined
  const { state } = session
  const runId = parentRunOf(run) ?? run.runId
  const open = openConsents(state, runId)
  const found = open.find(({ asked }) => rebuiltBytes(session, asked).status === 'rebuilt') ?? open[0]
  // Answered in this very moment, it still is what the run is gone on with for.
  const asked = (found ?? lastConsentRequest(state.database, runId))?.asked
  return asked && waitsForPerson(asked)
}

function consentWaits({ waits = [] }: Pick<RunInfo, 'waits'>): string[] {
  return waits.filter(({ kind, key }) => kind === 'signal' && key.startsWith(WAIT)).map(({ key }) => key)
}
