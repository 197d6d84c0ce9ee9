import { Count, Identifier } from '@ctxlock/contracts/primitives'
import { ProviderError, ProviderErrorCode, type GenerationResult } from '@ctxlock/contracts/provider'
import { z } from 'zod'

/** As many as the providers of this repository believe a server: what a call costs has to be a number. */
const Tokens = Count.max(2 ** 32).nullable()
const PluginUsage = z.looseObject({
  inputTokens: Tokens,
  outputTokens: Tokens,
  totalTokens: Tokens,
  cachedInputTokens: Tokens,
  source: z.enum(['provider', 'estimated', 'none']),
})
/** What of an answer is recorded, charged or shown. */
const PluginAnswer = z.looseObject({
  text: z.string(),
  finishReason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'unknown']),
  usage: PluginUsage,
  responseModel: Identifier.nullable(),
  modelDigest: Identifier.exactOptional(),
  attempts: Count,
  timings: z.looseObject({ totalMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER) }),
  warnings: z.array(z.string()),
  meta: z.looseObject({}),
})

/** The types say what a plugin returns; its code need not be TypeScript. Throws `protocol` with the field, never with its value. */
export function checkPluginAnswer(answer: GenerationResult): void {
  const [issue] = PluginAnswer.safeParse(answer).error?.issues ?? []
  if (!issue) return
  const field = issue.path.length === 0 ? 'the answer' : `\`${issue.path.join('.')}\` of the answer`
  throw new ProviderError('protocol', `The provider plugin broke its contract: ${field} is not what it has to be.`, {
    reason: 'plugin',
  })
}

/** The same of an error. */
const PluginFailure = z.looseObject({ code: ProviderErrorCode, attempts: Count, usage: PluginUsage.optional() })

/** What a plugin threw, fit to be recorded and charged. A plugin that throws something else is broken, not the machine; its words are not repeated. */
export function pluginFailure(error: unknown): ProviderError {
  if (error instanceof ProviderError && PluginFailure.safeParse(error).success) return error
  return new ProviderError('protocol', 'The provider plugin failed.', { reason: 'plugin' }, { cause: error })
}
