import type { TokenUsage, Usage } from '@ctxlock/contracts/provider'

/** Counts the server did not give are 0 here and `usage_source` says so; the record has no word for unknown (PROV-006). */
export function tokenUsage(usage: Usage | undefined): TokenUsage {
  const prompt_tokens = usage?.inputTokens ?? 0
  const completion_tokens = usage?.outputTokens ?? 0
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
