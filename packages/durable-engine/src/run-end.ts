import { EngineError, type WorkflowDefinition } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import type { RunOutcome } from './run-row.ts'

/** Ends a run, with what its workflow writes at its end; inside a transaction. */
export function endRun(
  { database, runs }: Pick<EngineParts, 'database' | 'runs'>,
  definition: WorkflowDefinition,
  runId: string,
  outcome: RunOutcome,
): void {
  runs.end(runId, outcome)
  if (definition.ended) demandSynchronous(definition.ended(database, runs.info(runId)))
}

/** Throws `COMMIT_ASYNC` for what a hook of a transaction returned if it goes on after it. */
export function demandSynchronous(returned: unknown): void {
  if (!(returned instanceof Promise)) return
  // Its writes would land after the transaction they belong to; its failure is not ours to report.
  returned.catch(() => undefined)
  throw new EngineError(
    'COMMIT_ASYNC',
    'Expected `commit` and `ended` to be synchronous, got a promise. Do asynchronous work in the activity.',
  )
}
