import { ProviderError } from '@ctxlock/contracts/provider'
import type { FinishReason } from '@ctxlock/contracts/provider'
import { countOf, isObject, listOf, objectOf, textOf } from '@ctxlock/provider-kit'
import type { AnswerPart, JsonObject, ToolCallPart, UsageCounts } from '@ctxlock/provider-kit'

export const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
}

/** Reads a chat completion, or one chunk of a streamed one: the same shape with `delta` in place of `message`. */
export function readChat(document: JsonObject, streamed: boolean): AnswerPart {
  const choices = listOf(document['choices'])
  // Only the first choice was asked for; a chunk without any carries usage.
  const choice = choices.map(objectOf).find(({ index }) => index === undefined || index === 0)
  if (!choice && !streamed) throw new ProviderError('protocol', 'The answer holds no choice.', { reason: 'no_choice' })
  const message = objectOf(choice?.[streamed ? 'delta' : 'message'] ?? choice?.['message'])
  return {
    text: contentText(message['content']) ?? textOf(choice?.['text']),
    // Two names for one thing; servers that send both send the same words twice.
    reasoning: textOf(message['reasoning_content']) ?? textOf(message['reasoning']),
    refusal: textOf(message['refusal']),
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

/** Content is a string, or a list of parts of which the text ones count. */
function contentText(content: unknown): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  return content.map((part) => (typeof part === 'string' ? part : (textOf(objectOf(part)['text']) ?? ''))).join('')
}

function toolCallParts(message: JsonObject, streamed: boolean): readonly ToolCallPart[] {
  const calls = listOf(message['tool_calls']).map(objectOf)
  const legacy = message['function_call']
  if (isObject(legacy)) calls.push({ function: legacy })
  // A whole answer lists whole calls; in a stream only the server can say which call a fragment belongs to.
  return calls.map((call, position) => toolCallPart(call, streamed ? undefined : position))
}

function toolCallPart(call: JsonObject, position: number | undefined): ToolCallPart {
  const { name, arguments: args } = objectOf(call['function'])
  return {
    index: countOf(call['index']) ?? position,
    id: textOf(call['id']),
    name: textOf(name),
    argumentsText: textOf(args),
    arguments: isObject(args) ? args : undefined,
  }
}
