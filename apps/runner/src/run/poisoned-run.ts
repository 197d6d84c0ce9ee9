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

export interface Poisoning {
  readonly code: string
  readonly message: string
  /** What a person can do then, as commands. */
  readonly next: readonly string[]
}

/** What ended a poisoned run, as the log names it; `known` is the run by which a person knows it, where that is its parent. */
export function poisoningOf(database: SqlDatabase, runId: string, known: string): Poisoning {
  const log = { state: { database } }
  const matches = openJobIndex(database)
    .jobsOf(runId)
    .flatMap((jobId) => [...allEvents(log, { jobId, type: 'security_violation' })])
    .flatMap((event) =>
      event.type === 'security_violation' && event.payload.action_taken === 'poisoned'
        ? (event.payload.matches ?? [])
        : [],
    )
  const found = new Set(matches.map(({ pattern_id, view_id }) => `${pattern_id} in view ${view_id}`))
  const candidates = matches.flatMap(({ candidate_id }) => candidate_id ?? [])
  // A pattern in a context pack has no candidate to leave out: its file has to be found and excluded first.
  const look = candidates.length === 0 ? ['ctxlock scan'] : []
  return {
    code: 'PromptInjectionDetected',
    // The event of a process that died right after the poisoning is recorded by the next command that records.
    message: ['the job is poisoned', [...found].join(', ')].filter(Boolean).join(': '),
    next: [...look, rerunCommand(known, candidates)],
  }
}

/** Makes the calls of a run again without these candidates. */
export function rerunCommand(runId: string, candidates: readonly string[]): string {
  const without = [...new Set(candidates)].map((id) => ` --without ${id.slice(0, 12)}`).join('')
  return `ctxlock rerun ${runId.slice(0, 8)}${without}`
}
