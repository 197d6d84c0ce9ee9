import type { QuotationCheck } from '@ctxlock/micro-task'

import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import type { GovernedCall } from '../governed-call/governed-call.ts'
import { quotationsHold } from '../governed-call/quotations-hold.ts'
import { callSummary, formatCallSummary } from './call-summary.ts'
import type { Output } from './output.ts'

const SOUND: ReadonlySet<QuotationCheck['status']> = new Set(['verified', 'repaired'])

/** By what ended an answer before the model did. */
const NOT_WHOLE: ReadonlyMap<string, string> = new Map([
  ['length', 'answer_cut_off'],
  ['content_filter', 'answer_declined'],
])

/** How a settled call shows in the exit code: a failed quotation, or a verifier's missing one, is never a quiet success. */
export function exitOfCall(call: GovernedCall): ExitCode {
  if (!quotationsHold(call.subject, call.quotations)) return EXIT_CODE.verificationFailed
  return call.compiled.snapshot.degraded ? EXIT_CODE.degraded : EXIT_CODE.done
}

export function callJson(call: GovernedCall) {
  return {
    call_id: call.ids.callId,
    job_id: call.ids.jobId,
    run_id: call.ids.runId,
    mt_id: call.subject.definition.mt_id,
    outcome: call.outcome,
    summary: callSummary(call),
    answer: call.answer,
    quotations: call.quotations.map(({ quotation, status, lines }) => ({
      path: quotation.path,
      start_line: lines?.start ?? quotation.startLine,
      end_line: lines?.end ?? quotation.endLine,
      status,
    })),
    full_prompt_hash: call.compiled.envelope.full_prompt_hash,
    finish_reason: call.result?.finishReason ?? null,
    usage: call.result ? usageJson(call.result.usage) : null,
    response_model: call.result?.responseModel ?? null,
    warnings: warningsOf(call),
    degraded: call.compiled.snapshot.degraded,
  }
}

function usageJson({
  inputTokens,
  outputTokens,
  totalTokens,
  cachedInputTokens,
  reasoningTokens,
  source,
  complete,
}: NonNullable<GovernedCall['result']>['usage']) {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: totalTokens,
    cached_input_tokens: cachedInputTokens,
    reasoning_tokens: reasoningTokens,
    source,
    complete,
  }
}

/** Prints what the call was made with: no rule text, no file contents. */
export function printSummary(output: Output, call: GovernedCall): void {
  for (const line of formatCallSummary(callSummary(call))) output.line(line)
}

/** Prints the answer, what became of its quotations, and the call id. A `streamed` answer is on the screen already. */
export function printAnswer(output: Output, call: GovernedCall, streamed: boolean): void {
  output.line()
  if (!streamed) output.line(call.answer.trimEnd())
  output.line()
  for (const line of quotationLines(call.quotations)) output.line(line)
  for (const warning of warningsOf(call)) output.line(`warning    ${warning}`)
  output.line(`call       ${call.ids.callId}`)
}

/** Of the compiled call, of the provider, and that the answer is not whole. */
function warningsOf({ compiled, result }: GovernedCall): string[] {
  const ended = NOT_WHOLE.get(result?.finishReason ?? '')
  return [...compiled.snapshot.warnings, ...(result?.warnings ?? []), ...(ended ? [ended] : [])]
}

function quotationLines(checks: readonly QuotationCheck[]): string[] {
  if (checks.length === 0) return ['quotations none; the answer is unsupported by the sources']
  const sound = checks.filter(({ status }) => SOUND.has(status)).length
  return [
    `quotations ${sound} of ${checks.length} stand in the bytes on disk`,
    ...checks.map(
      ({ quotation, status, lines }) =>
        `  ${status.replaceAll('_', ' ').padEnd(15)} ${quotation.path}:${lines?.start ?? quotation.startLine}-${lines?.end ?? quotation.endLine}`,
    ),
  ]
}
