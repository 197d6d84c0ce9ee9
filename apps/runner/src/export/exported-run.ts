import { Uuid } from '@ctxlock/contracts/primitives'
import type { BundledRun } from '@ctxlock/flight-recorder/export'

import { recordedAs } from '../session/recorded-as.ts'
import { openRunIndex } from '../session/run-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

/**
 * A run with everything that was recorded for it: processes that went on with it, and answers to what it asked. By its whole id also
 * a child run, and one whose request was erased. Throws `RUN_UNKNOWN` and `PAYLOAD_ERASED`.
 */
export function exportedRun(stored: StoredSession, name: string): BundledRun {
  const runId = Uuid.safeParse(name).success
    ? name
    : openRunIndex(stored.state.database, stored.artifacts).find(name).run_id
  return { runId, continuedAs: recordedAs(stored, runId).filter((id) => id !== runId) }
}
