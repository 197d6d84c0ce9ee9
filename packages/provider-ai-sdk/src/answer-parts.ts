import { ProviderError } from '@ctxlock/contracts/provider'
import { countOf, isObject, listOf, objectOf, textOf } from '@ctxlock/provider-kit'
import type { AnswerPart, JsonObject, ToolCallPart, UsageCounts } from '@ctxlock/provider-kit'

/** The SDK's unified words; any other is `unknown`. */
const MEANINGS: Readonly<Record<string, AnswerPart['finishMeans']>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  error: 'failed',
}

// Structure without content, or content that comes again as a whole.
const SILENT = new Set([
  'text-start',
  'text-end',
  'reasoning-start',
  'reasoning-end',
  'tool-input-start',
  'tool-input-delta',
  'tool-input-end',
  'raw',
  'ping',
])

/** What one part of a model's stream says, or its whole result. Every member of it is the model's, so none is trusted. */
export function readAnswer(document: JsonObject, streamed: boolean): AnswerPart {
  if (streamed) return readPart(document)
  const parts = listOf(document['content']).map((content) => readContent(objectOf(content)))
  const warnings = [...parts.flatMap((part) => part.warnings ?? []), ...warningsIn(document)]
  return {
    text: parts.map(({ text = '' }) => text).join(''),
    reasoning: parts.map(({ reasoning = '' }) => reasoning).join(''),
    toolCalls: parts.flatMap(({ toolCalls = [] }) => toolCalls).map((call, index) => ({ ...call, index })),
    model: textOf(objectOf(document['response'])['modelId']),
    warnings,
    ...readFinish(document),
  }
}

function readPart(part: JsonObject): AnswerPart {
  switch (part['type']) {
    case 'text-delta':
      return { text: textOf(part['delta']) }
    case 'reasoning-delta':
      return { reasoning: textOf(part['delta']) }
    case 'stream-start':
      return { warnings: warningsIn(part) }
    case 'response-metadata':
      return { model: textOf(part['modelId']) }
    case 'finish':
      // No reason of the server's own: its stream just ended, and nobody can tell whether the answer is whole.
      if (isReasonless(part)) throw endedEarly('no_reason')
      return { ...readFinish(part), done: true }
    default:
      return readContent(part)
  }
}

function readContent(content: JsonObject): AnswerPart {
  const type = textOf(content['type']) ?? ''
  if (type === 'text') return { text: textOf(content['text']) }
  if (type === 'reasoning') return { reasoning: textOf(content['text']) }
  if (type === 'tool-call') return { toolCalls: [readToolCall(content)] }
  return SILENT.has(type) ? {} : { warnings: [`ignored:${word(type)}`] }
}

function readToolCall({ toolCallId, toolName, input }: JsonObject): ToolCallPart {
  return { id: textOf(toolCallId), name: textOf(toolName), argumentsText: textOf(input) }
}

/** Throws `stream_truncated` where the SDK says that the provider's stream just ended. */
function readFinish({ finishReason, usage, wire }: JsonObject): AnswerPart {
  const { unified, raw } = objectOf(finishReason)
  if (unified === 'interrupted') throw endedEarly('interrupted')
  const word = textOf(unified)
  const { sha256, bytes } = objectOf(wire)
  return {
    finish: textOf(raw) ?? word,
    finishMeans:
      word === undefined ? undefined : ((Object.hasOwn(MEANINGS, word) ? MEANINGS[word] : undefined) ?? 'unknown'),
    usage: isObject(usage) ? readUsage(usage) : undefined,
    meta: { wire: typeof sha256 === 'string' && typeof bytes === 'number' ? { sha256, bytes } : undefined },
  }
}

function isReasonless({ finishReason }: JsonObject): boolean {
  const { unified, raw } = objectOf(finishReason)
  return unified === 'other' && raw === undefined
}

function endedEarly(reason: string): ProviderError {
  return new ProviderError('stream_truncated', 'The stream ended before the answer did.', { reason })
}

function readUsage({ inputTokens, outputTokens, raw }: JsonObject): UsageCounts {
  const input = objectOf(inputTokens)
  const output = objectOf(outputTokens)
  return {
    inputTokens: counted(input['total'], raw, /prompt|input/i),
    outputTokens: counted(output['total'], raw, /completion|output|candidates/i),
    cachedInputTokens: counted(input['cacheRead'], raw, /cache/i),
    reasoningTokens: counted(output['reasoning'], raw, /reason|thought|think/i),
  }
}

/** Many providers of the SDK write 0 for a count their server left out, so a zero counts where the server's own usage has one. */
function counted(value: unknown, raw: unknown, name: RegExp): number | undefined {
  const count = countOf(value)
  return count === 0 && !holdsZero(raw, name) ? undefined : count
}

function holdsZero(usage: unknown, name: RegExp): boolean {
  return Object.entries(objectOf(usage)).some(
    ([key, value]) => (value === 0 && name.test(key)) || holdsZero(value, name),
  )
}

/** By kind and feature; the text of a warning may quote the request. */
function warningsIn({ warnings }: JsonObject): readonly string[] {
  return listOf(warnings).map((warning) => {
    const { type, feature, setting } = objectOf(warning)
    const subject = word(textOf(feature) ?? textOf(setting) ?? '')
    return `sdk_${word(textOf(type) ?? '')}${subject === '' ? '' : `:${subject}`}`
  })
}

function word(text: string): string {
  return text.replace(/[^\w.-]+/g, '_').slice(0, 64)
}
