import type { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { judgeAttempt, type IterationRequest } from '@ctxlock/micro-task'

import { mustQuote } from '../governed-call/quotations-hold.ts'
import type { ExecutorRun } from './executor-run.ts'
import { interrupted } from './interrupted.ts'
import { oneLine } from './one-line.ts'

/**
 * What an answer came to, its edits and commands included; words of a model or a command are one redacted line. Throws `aborted` when a
 * person stopped this process meanwhile.
 */
export async function checkAttempt(
  run: ExecutorRun,
  request: IterationRequest,
  reply: ModelReply,
  { readText, signal }: { readonly signal: AbortSignal; readText(hash: string): string },
) {
  const { clock } = run.session.environment
  const began = clock.monotonic()
  const patch = run.edits?.portsFor(request, reply.call_id, signal)
  const subject = run.subjects.find(({ definition }) => definition.mt_id === request.definition.mt_id)
  const ports = { readText, mustQuote: subject !== undefined && mustQuote(subject), ...(patch && { patch }) }
  const { summary, blocked, ...judged } = await judgeAttempt(ports, request, reply)
  // Commands that were ended because a person stopped this process failed at nothing.
  if (run.callOptions.signal.aborted) throw interrupted('the check', run.runId)
  const edits = run.edits?.tried() ?? []
  const line = (text: string) => oneLine(text, run.session.redactor)
  return {
    ...judged,
    ...(edits.length > 0 && { edits: [...edits] }),
    ...(summary !== undefined && { summary: line(summary) }),
    ...(blocked && { blocked: { reason: line(blocked.reason), need: line(blocked.need) } }),
    duration_ms: reply.duration_ms + Math.round(clock.monotonic() - began),
  }
}
