import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'

export const STOP: LanguageModelV4FinishReason = { unified: 'stop', raw: 'end_turn' }
export const UNKNOWN_USAGE: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}

export interface Script {
  readonly generate?: (options: LanguageModelV4CallOptions) => PromiseLike<LanguageModelV4GenerateResult>
  readonly stream?: (options: LanguageModelV4CallOptions) => readonly LanguageModelV4StreamPart[]
  /** Called when a stream is left before its end. */
  readonly onCancel?: () => void
  /** Keeps a stream open after its parts. */
  readonly hang?: boolean
}

/** A model without a server: what it was asked, and what it answers. */
export function scriptedModel(script: Script): LanguageModelV4 & { readonly calls: LanguageModelV4CallOptions[] } {
  const calls: LanguageModelV4CallOptions[] = []
  return {
    specificationVersion: 'v4',
    provider: 'scripted',
    modelId: 'm1',
    supportedUrls: {},
    calls,
    async doGenerate(options) {
      calls.push(options)
      if (script.generate) return script.generate(options)
      throw new Error('this script has no answer')
    },
    async doStream(options) {
      calls.push(options)
      const parts = [...(script.stream?.(options) ?? [])]
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        pull(controller) {
          const part = parts.shift()
          if (part) controller.enqueue(part)
          else if (!script.hang) controller.close()
          else return new Promise(() => {})
        },
        cancel: () => script.onCancel?.(),
      })
      return { stream }
    },
  }
}

export function answer(
  content: LanguageModelV4GenerateResult['content'],
  rest: Partial<LanguageModelV4GenerateResult> = {},
): LanguageModelV4GenerateResult {
  return { content, finishReason: STOP, usage: UNKNOWN_USAGE, warnings: [], ...rest }
}
