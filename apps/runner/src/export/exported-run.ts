import type { BundledRun } from '@ctxlock/flight-recorder/export'

import { recordedAs } from '../session/recorded-as.ts'
import { openRunIndex } from '../session/run-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** A run with everything that was recorded for it: processes that went on with it, and answers to what it asked. Throws `RUN_UNKNOWN`. */
export function exportedRun(stored: StoredSession, name: string): BundledRun {
  const { run_id: runId } = openRunIndex(stored.state.database, stored.artifacts).find(name)
  return { runId, continuedAs: recordedAs(stored, runId).filter((id) => id !== runId) }
}
