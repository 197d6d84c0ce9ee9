import type { CostState } from '@ctxlock/governance'
import { formatStatusLine, type LoopEvent } from '@ctxlock/micro-task'

import type { GovernedCall } from '../governed-call/governed-call.ts'
import { printAnswer, printSummary } from '../output/call-result.ts'
import { costText } from '../output/cost-text.ts'
import type { Output } from '../output/output.ts'
import type { ExecutorRun } from './executor-run.ts'

/**
 * Says what happens while it happens: what a micro-task is asked with, once for each model; a line for each iteration; the answer that
 * completed it (`streamed` ones are on the screen already); and the status line of spec 08 section 13 at each change (MT-059). With
 * `--json` the recorded events, one a line.
 */
export function runLines(
  output: Output,
  streamed: boolean,
  cost: () => CostState | undefined,
): Pick<ExecutorRun, 'onCall' | 'onRecorded' | 'onWarning' | 'onStatus'> {
  const calls = new Map<string, GovernedCall>()
  return {
    onCall(call) {
      const { mt_id } = call.subject.definition
      const before = calls.get(mt_id)
      calls.set(mt_id, call)
      if (before?.bound.binding.identity.model_id !== call.bound.binding.identity.model_id) printSummary(output, call)
    },
    onRecorded(events) {
      for (const event of events) {
        output.event(event)
        const line = lineOf(event, cost)
        if (line !== undefined) output.line(line)
        const call = calls.get(event.mt_id ?? '')
        if (call && event.type === 'micro_task_complete') printAnswer(output, call, streamed)
      }
    },
    onWarning: (text) => output.line(`warning    ${text}`),
    onStatus: (status) => output.line(formatStatusLine(status)),
  }
}

function lineOf(event: LoopEvent, cost: () => CostState | undefined): string | undefined {
  const spent = () => {
    const state = cost()
    return state ? `, so far ${costText(state)}` : ''
  }
  switch (event.type) {
    case 'micro_task_iteration_complete': {
      const { model, execution, outcome, decision } = event.payload
      const tokens = execution.tokens_prompt + execution.tokens_completion
      const why = outcome.error_summary === undefined ? '' : `: ${outcome.error_summary}`
      return `iteration  ${event.mt_id ?? ''} ${event.iteration ?? 0} at level ${execution.escalation_level} by ${model.base}, ${tokens} tokens, ${execution.duration_ms} ms${spent()}: ${decision}${why}`
    }
    case 'micro_task_escalated':
      return `escalated  ${event.mt_id ?? ''} from ${event.payload.from_model} to ${event.payload.to_model}: ${event.payload.failure_category}`
    case 'micro_task_drop_back':
      return `drop back  from ${event.payload.from_model} to ${event.payload.to_model}: ${event.payload.reason}`
    case 'micro_task_skipped':
      return `skipped    ${event.mt_id ?? ''}: ${event.payload.reason}`
    case 'micro_task_loop_completed':
      return `completed  ${event.payload.completed} done, ${event.payload.skipped} skipped, ${event.payload.tokens_total} tokens, ${event.payload.duration_ms} ms${spent()}`
    default:
      return undefined
  }
}
