import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { allEvents } from '../session/all-events.ts'
import { openJobIndex } from '../session/job-index.ts'

/** VAL-070: no retry, no resume, and nothing that a person says goes into it any more. */
export function runPoisoned(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.poisoned,
    code: 'JOB_POISONED',
    message: `run ${runId} was ended by an injection pattern and cannot be gone on with`,
    hint: `That is final. \`ctxlock status ${runId.slice(0, 8)}\` has the command that calls again in a new run, without what ended it.`,
  })
}

/** The candidates that ended a run, as the log names them; none where a pattern stood in a context pack. */
export function poisonousCandidates(database: SqlDatabase, runId: string): readonly string[] {
  const log = { state: { database } }
  const violations = openJobIndex(database)
    .jobsOf(runId)
    .flatMap((jobId) => [...allEvents(log, { jobId, type: 'security_violation' })])
  return violations.flatMap((event) =>
    event.type === 'security_violation' && event.payload.action_taken === 'poisoned'
      ? (event.payload.matches ?? []).flatMap(({ candidate_id }) => candidate_id ?? [])
      : [],
  )
}

/** Makes the calls of a run again without these candidates. */
export function rerunCommand(runId: string, candidates: readonly string[]): string {
  const without = [...new Set(candidates)].map((id) => ` --without ${id.slice(0, 12)}`).join('')
  return `ctxlock rerun ${runId.slice(0, 8)}${without}`
}
