import type { PromptEnvelope } from '@ctxlock/contracts/context'
import type { TokenCounter } from '@ctxlock/contracts/ports'
import type { GenerationResult, Usage } from '@ctxlock/contracts/provider'

/**
 * What an answer used, in the words of its server; what these leave out is estimated by the call's own counter (PROV-006). A zero
 * that cannot be is left out too: every prompt has tokens, and so has every answer with words. An estimate is never `complete`:
 * it is recorded, and a budget is charged as if nothing was known.
 */
export function countedUsage(
  { stable_prefix, variable_suffix }: PromptEnvelope,
  { text, reasoning = '', usage }: Pick<GenerationResult, 'text' | 'reasoning' | 'usage'>,
  counter: TokenCounter,
): Usage {
  const inputTokens = usage.inputTokens || stable_prefix.token_estimate + variable_suffix.token_estimate
  const outputTokens = usage.outputTokens || counter.count(text + reasoning)
  if (inputTokens === usage.inputTokens && outputTokens === usage.outputTokens) return usage
  const totalTokens = inputTokens + outputTokens
  return { ...usage, inputTokens, outputTokens, totalTokens, source: 'estimated', complete: false }
}
