import { EngineError, type WorkflowDefinition } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { endRun } from './run-end.ts'
import { isEnded } from './run-row.ts'

export interface Cancellation {
  readonly runId: string
  readonly mode: 'cooperative' | 'terminate'
  readonly reason: string
  /** Somebody is at work on the run and will find the request. */
  readonly isWorkedOn: boolean
}

/** Ends a run, or asks whoever works on it to; inside a transaction. False when it had ended. Throws `RUN_UNKNOWN`. */
export function cancelRun(
  parts: EngineParts,
  definition: WorkflowDefinition,
  { runId, mode, reason, isWorkedOn }: Cancellation,
): boolean {
  if (isEnded(parts.runs.standing(runId).state)) return false
  if (mode === 'cooperative' && isWorkedOn) parts.runs.requestCancel(runId, reason)
  else endRun(parts, definition, runId, { state: 'cancelled', reason })
  return true
}

/** Its `ended` belongs into the transaction that ends a run, so nobody ends what he does not know. */
export function demandDefinition(definition: WorkflowDefinition | undefined, workflow: string): WorkflowDefinition {
  if (definition) return definition
  throw new EngineError('WORKFLOW_UNKNOWN', `Expected a registered workflow, got ${workflow}. Register it first.`)
}
