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
export function usageOf(counts: UsageCounts = {}, ended: boolean): Usage {
  const inputTokens = believed(counts.inputTokens)
  const outputTokens = believed(counts.outputTokens)
  const sum = inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens
  const reported = {
    inputTokens,
    outputTokens,
    totalTokens: believed(counts.totalTokens) ?? sum,
    cachedInputTokens: believed(counts.cachedInputTokens),
    reasoningTokens: believed(counts.reasoningTokens),
  }
  const known = Object.values(reported).some((count) => count !== null)
  return { ...reported, source: known ? 'provider' : 'none', complete: ended && sum !== null }
}

/** Counts are paid for and added up: one that no model can have read or written is unknown, or nobody could record what it costs. */
function believed(count: number | undefined): number | null {
  return count !== undefined && count <= MOST_TOKENS ? count : null
}

const MOST_TOKENS = 2 ** 32
