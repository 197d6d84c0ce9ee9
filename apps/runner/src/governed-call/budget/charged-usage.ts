import type { Usage } from '@ctxlock/contracts/provider'

import type { CallReply } from '../call-reply.ts'

interface ChargedUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * The tokens a reply is charged for; undefined when nobody knows, which costs all that was set aside (decisions/0012). A server cannot
 * make a call cheaper: a count that was not its last is none, and of its sum and its total the larger one holds.
 */
export function chargedUsage(reply: CallReply): ChargedUsage | undefined {
  if (reply.status === 'answered') return finalCounts(reply.result.usage)
  return reply.error.attempts === 0 ? { inputTokens: 0, outputTokens: 0 } : finalCounts(reply.error.usage)
}

/** Both together. */
export function chargedTokens(reply: CallReply): number | undefined {
  const usage = chargedUsage(reply)
  return usage && usage.inputTokens + usage.outputTokens
}

function finalCounts(usage: Usage | undefined): ChargedUsage | undefined {
  if (!usage?.complete || usage.inputTokens === null || usage.outputTokens === null) return undefined
  const { inputTokens, outputTokens, totalTokens } = usage
  // What a total holds beyond the two counts, such as reasoning, was written by the model.
  return { inputTokens, outputTokens: Math.max(outputTokens, (totalTokens ?? 0) - inputTokens) }
}
