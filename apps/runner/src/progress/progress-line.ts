import type { ProgressEvent } from '@ctxlock/contracts/progress'
import { formatStatusLine } from '@ctxlock/micro-task'

/**
 * An event of a run on one line, for people; undefined for what only programs are told. `cost`: what the run has cost so far, in
 * words, where it is known.
 */
export function progressLine(event: ProgressEvent, cost?: string): string | undefined {
  const spent = cost === undefined ? '' : `, so far ${cost}`
  switch (event.type) {
    case 'micro_task_iteration_complete': {
      const { model, execution, outcome, decision } = event.payload
      const tokens = execution.tokens_prompt + execution.tokens_completion
      const why = outcome.error_summary === undefined ? '' : `: ${outcome.error_summary}`
      return `iteration  ${event.mt_id} ${event.iteration} at level ${execution.escalation_level} by ${model.base}, ${tokens} tokens, ${execution.duration_ms} ms${spent}: ${decision}${why}`
    }
    case 'micro_task_escalated':
      return `escalated  ${event.mt_id} from ${event.payload.from_model} to ${event.payload.to_model}: ${event.payload.failure_category}`
    case 'micro_task_drop_back':
      return `drop back  from ${event.payload.from_model} to ${event.payload.to_model}: ${event.payload.reason}`
    case 'micro_task_skipped':
      return `skipped    ${event.mt_id}: ${event.payload.reason}`
    case 'micro_task_loop_completed':
      return `completed  ${event.payload.completed} done, ${event.payload.skipped} skipped, ${event.payload.tokens_total} tokens, ${event.payload.duration_ms} ms${spent}`
    case 'model_swap_requested':
      return `changing   ${event.payload.current_model_id} to ${event.payload.target_model_id}: ${event.payload.reason}`
    case 'model_swap_completed':
      return `changed    ${event.payload.current_model_id} to ${event.payload.target_model_id}`
    case 'model_swap_failed':
    case 'model_swap_timeout':
      return `not changed to ${event.payload.target_model_id}: ${event.payload.error_summary ?? event.type}`
    case 'model_swap_rollback':
      return `back at    ${event.payload.current_model_id}`
    case 'session.budget_warning':
      return `warning    the run has used ${event.payload.current_value} ${event.payload.budget_type}, more than ${event.payload.threshold_value}`
    case 'status_line':
      return formatStatusLine(event.payload)
    default:
      return undefined
  }
}
