import { EngineError, type WorkflowDefinition } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { endRun } from './run-end.ts'
import { isOver } from './run-row.ts'

export interface Cancellation {
  readonly runId: string
  readonly mode: 'cooperative' | 'terminate'
  readonly reason: string
  /** Somebody is at work on the run and will find the request. */
  readonly isWorkedOn: boolean
}

/**
 * Ends a run, or asks whoever works on it to; inside a transaction. One that failed could still be gone on with, so it is ended too.
 * False when it was over: completed, or cancelled before. Throws `RUN_UNKNOWN`.
 */
export function cancelRun(
  parts: EngineParts,
  definition: WorkflowDefinition,
  { runId, mode, reason, isWorkedOn }: Cancellation,
): boolean {
  const { state } = parts.runs.standing(runId)
  if (isOver(state)) return false
  // Nobody works on a failed run, though a process may still be leaving it.
  if (mode === 'cooperative' && isWorkedOn && state !== 'failed') parts.runs.requestCancel(runId, reason)
  else endRun(parts, definition, runId, { state: 'cancelled', reason })
  return true
}

/** Its `ended` belongs into the transaction that ends a run, so nobody ends what he does not know. */
export function demandDefinition(definition: WorkflowDefinition | undefined, workflow: string): WorkflowDefinition {
  if (definition) return definition
  throw new EngineError('WORKFLOW_UNKNOWN', `Expected a registered workflow, got ${workflow}. Register it first.`)
}
