import type { CallError, ModelReply } from '@ctxlock/contracts/micro-task-iteration'

import type { IterationRequest } from './iteration.ts'

export const CALL_TIMEOUT_MS = 120_000
/** No call takes longer, whatever its timeout grew to (spec 08 section 11). */
const LONGEST_CALL_MS = 300_000
const BACKOFF_MS = [1000, 2000, 4000]
const RESOURCE_WAIT_MS = 5000

export interface CallPorts {
  /** One governed call; ends as `model_timeout` when it takes longer than `timeoutMs`. */
  call(request: IterationRequest, limits: { readonly timeoutMs: number }): Promise<ModelReply>
  /** Resolves after so many milliseconds. */
  wait(milliseconds: number): Promise<void>
}

/**
 * The call of one iteration by the error table (spec 08 section 4): a timeout once more with half as much time again, transient
 * errors after 1, 2 and 4 seconds, exhausted resources once more after a wait. What is left then is the reply. The tokens and
 * the time of all tries count.
 */
export async function callWithRetries(
  { call, wait }: CallPorts,
  request: IterationRequest,
  timeoutMs: number = CALL_TIMEOUT_MS,
): Promise<ModelReply> {
  const tries = new Map<CallError, number>()
  let limit = Math.min(timeoutMs, LONGEST_CALL_MS)
  let earlier: ModelReply | undefined
  for (;;) {
    const reply = together(earlier, await call(request, { timeoutMs: limit }))
    if (reply.status === 'answered') return reply
    const tried = tries.get(reply.error) ?? 0
    tries.set(reply.error, tried + 1)
    const pause = pauseBeforeRetry(reply.error, tried)
    if (pause === undefined) return reply
    if (reply.error === 'model_timeout') limit = Math.min(limit * 1.5, LONGEST_CALL_MS)
    if (pause > 0) await wait(pause)
    earlier = reply
  }
}

/** Milliseconds to wait before another try; undefined when this was the last one. */
function pauseBeforeRetry(error: CallError, tried: number): number | undefined {
  switch (error) {
    case 'model_timeout':
      return tried === 0 ? 0 : undefined
    case 'model_error_transient':
      return BACKOFF_MS[tried]
    case 'resource_exhausted':
      return tried === 0 ? RESOURCE_WAIT_MS : undefined
    case 'model_error':
    case 'context_overflow':
      return undefined
  }
}

function together(earlier: ModelReply | undefined, reply: ModelReply): ModelReply {
  if (!earlier) return reply
  return {
    ...reply,
    started_at: earlier.started_at,
    tokens_prompt: earlier.tokens_prompt + reply.tokens_prompt,
    tokens_completion: earlier.tokens_completion + reply.tokens_completion,
    duration_ms: earlier.duration_ms + reply.duration_ms,
  }
}
