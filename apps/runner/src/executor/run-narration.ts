import { progressJson, type ProgressEvent } from '@ctxlock/contracts/progress'
import type { CostState } from '@ctxlock/governance'

import type { GovernedCall } from '../governed-call/governed-call.ts'
import { printAnswer, printSummary } from '../output/call-result.ts'
import { costJson, costText } from '../output/cost-text.ts'
import type { Output } from '../output/output.ts'
import { progressLine } from '../progress/progress-line.ts'
import type { ExecutorRun } from './executor-run.ts'

export interface RunLines extends Pick<ExecutorRun, 'onCall'> {
  onProgress(event: ProgressEvent): void
}

/** What is said together with the cost of the run so far. */
const COSTS: ReadonlySet<ProgressEvent['type']> = new Set([
  'micro_task_iteration_complete',
  'micro_task_loop_completed',
])

/**
 * Says what happens while it happens: every event of the run, as a line for a person (the status line of spec 08 section 13 among
 * them, MT-059) or as a line of JSON; for a person also what a micro-task is asked with, once for each model, and the answer that
 * completed it (`streamed` ones are on the screen already).
 */
export function runLines(output: Output, streamed: boolean, costNow: () => CostState | undefined): RunLines {
  const calls = new Map<string, GovernedCall>()
  return {
    onCall(call) {
      const { mt_id } = call.subject.definition
      const before = calls.get(mt_id)
      calls.set(mt_id, call)
      if (before?.bound.binding.identity.model_id !== call.bound.binding.identity.model_id) printSummary(output, call)
    },
    onProgress(event) {
      const cost = COSTS.has(event.type) ? costNow() : undefined
      output.event({ ...progressJson(event), ...(cost && { cost: costJson(cost) }) })
      const line = progressLine(event, cost && costText(cost))
      if (line !== undefined) output.line(line)
      const call = calls.get(event.mt_id ?? '')
      if (call && event.type === 'micro_task_complete') printAnswer(output, call, streamed)
    },
  }
}
