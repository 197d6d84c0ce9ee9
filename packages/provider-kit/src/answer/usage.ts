import type { Usage } from '@ctxlock/contracts/provider'

import type { UsageCounts } from './answer-part.ts'

/** A server's counts in the port's words. Nothing is ever zero that the server did not report as zero. */
export function usageOf(counts: UsageCounts | undefined, ended: boolean): Usage {
  const inputTokens = counts?.inputTokens ?? null
  const outputTokens = counts?.outputTokens ?? null
  const sum = inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens
  const known = counts !== undefined && Object.values(counts).some((count) => count !== undefined)
  return {
    inputTokens,
    outputTokens,
    totalTokens: counts?.totalTokens ?? sum,
    cachedInputTokens: counts?.cachedInputTokens ?? null,
    reasoningTokens: counts?.reasoningTokens ?? null,
    source: known ? 'provider' : 'none',
    complete: ended && sum !== null,
  }
}
