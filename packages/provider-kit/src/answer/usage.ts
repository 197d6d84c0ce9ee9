import type { Usage } from '@ctxlock/contracts/provider'

import type { UsageCounts } from './answer-part.ts'

/**
 * What two reports of one answer say together. A count that is missing or zero in the later one replaces none, and a total is
 * one of its own report.
 */
export function laterUsage(earlier: UsageCounts | undefined, later: UsageCounts | undefined): UsageCounts | undefined {
  if (!earlier || !later) return later ?? earlier
  const count = (name: keyof UsageCounts): number | undefined => later[name] || (earlier[name] ?? later[name])
  const counted = later.inputTokens || later.outputTokens
  return {
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    totalTokens: counted ? later.totalTokens : count('totalTokens'),
    cachedInputTokens: count('cachedInputTokens'),
    reasoningTokens: count('reasoningTokens'),
  }
}

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
