import { ProviderError } from '@ctxlock/contracts/provider'
import type { FinishReason } from '@ctxlock/contracts/provider'
import { countOf, isObject, listOf, objectOf, textOf } from '@ctxlock/provider-kit'
import type { AnswerPart, JsonObject, ToolCallPart, UsageCounts } from '@ctxlock/provider-kit'

export const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  sensitive: 'content_filter',
}

/** Reads a chat completion, or one chunk of a streamed one: the same shape with `delta` in place of `message`. */
export function readChat(document: JsonObject, streamed: boolean): AnswerPart {
  const choices = listOf(document['choices'])
  // Only the first choice was asked for; a chunk without any carries usage.
  const choice = choices.map(objectOf).find(({ index }) => (index ?? 0) === 0)
  if (!choice && !streamed) throw new ProviderError('protocol', 'The answer holds no choice.', { reason: 'no_choice' })
  const message = objectOf(choice?.[streamed ? 'delta' : 'message'] ?? choice?.['message'])
  const content = readContent(message['content'])
  return {
    ...content,
    text: content.text ?? textOf(choice?.['text']),
    // Two names for one thing; servers that send both send the same words twice.
    reasoning: textOf(message['reasoning_content']) || textOf(message['reasoning']) || content.reasoning,
    refusal: textOf(message['refusal']) ?? content.refusal,
    toolCalls: toolCallParts(message, streamed),
    finish: textOf(choice?.['finish_reason']),
    usage: readUsage(document['usage']),
    model: textOf(document['model']),
    meta: {
      systemFingerprint: textOf(document['system_fingerprint']),
      id: textOf(document['id']),
      nativeFinishReason: textOf(choice?.['native_finish_reason']),
      // llama.cpp tells what it spent on the prompt: with a cached prefix, next to nothing.
      promptMs: durationOf(objectOf(document['timings'])['prompt_ms']),
    },
  }
}

function durationOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Cached tokens are part of the prompt tokens, reasoning tokens of the completion tokens. */
export function readUsage(value: unknown): UsageCounts | undefined {
  if (!isObject(value)) return undefined
  return {
    inputTokens: countOf(value['prompt_tokens']),
    outputTokens: countOf(value['completion_tokens']),
    totalTokens: countOf(value['total_tokens']),
    cachedInputTokens: countOf(objectOf(value['prompt_tokens_details'])['cached_tokens']),
    reasoningTokens: countOf(objectOf(value['completion_tokens_details'])['reasoning_tokens']),
  }
}

/** Content is a string, or a list of parts: text, reasoning, refusals, and kinds that hold no words. */
function readContent(content: unknown): Pick<AnswerPart, 'text' | 'reasoning' | 'refusal'> {
  if (typeof content === 'string') return { text: content }
  if (!Array.isArray(content)) return {}
  const said = { text: '', reasoning: '', refusal: '' }
  for (const part of content) {
    const { type, text, thinking, refusal } = typeof part === 'string' ? { type: 'text', text: part } : objectOf(part)
    // Mistral lists the parts of its thoughts once more.
    const thoughts = listOf(thinking).map((thought) => textOf(objectOf(thought)['text']) ?? '')
    if (/reason|think/.test(textOf(type) ?? '')) said.reasoning += textOf(text) ?? textOf(thinking) ?? thoughts.join('')
    else said.text += textOf(text) ?? ''
    said.refusal += textOf(refusal) ?? ''
  }
  return said
}

function toolCallParts(message: JsonObject, streamed: boolean): readonly ToolCallPart[] {
  const calls = listOf(message['tool_calls']).map(objectOf)
  const legacy = message['function_call']
  if (isObject(legacy)) calls.push({ function: legacy })
  // A whole answer lists whole calls, whatever their indexes; in a stream only the server can say which call a fragment is of.
  return calls.map((call, position) => toolCallPart(call, streamed ? countOf(call['index']) : position))
}

function toolCallPart(call: JsonObject, index: number | undefined): ToolCallPart {
  const { name, arguments: args } = objectOf(call['function'])
  return {
    index,
    id: textOf(call['id']),
    name: textOf(name),
    argumentsText: textOf(args),
    arguments: typeof args === 'string' ? undefined : (args ?? undefined),
  }
}
