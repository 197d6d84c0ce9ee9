import { ProviderError } from '@ctxlock/contracts/provider'
import type { FinishReason } from '@ctxlock/contracts/provider'
import { countOf, listOf, objectOf, textOf } from '@ctxlock/provider-kit'
import type { AnswerPart, JsonObject, ToolCallPart, UsageCounts } from '@ctxlock/provider-kit'

/** Tool calls keep `stop`. `load` and `unload` answer requests without a prompt and say nothing about one with. */
export const FINISH_REASONS: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' }

/** Reads an answer of `/api/chat`, or one line of a streamed one: the same shape. */
export function readChat(document: JsonObject): AnswerPart {
  const { message } = document
  if (typeof message !== 'object' || message === null) throw notAnAnswer('message')
  const { content, thinking, tool_calls: calls } = objectOf(message)
  return {
    ...readCommon(document),
    text: textOf(content),
    reasoning: textOf(thinking),
    toolCalls: listOf(calls).map(toolCallPart),
  }
}

/** Reads an answer of `/api/generate`, or one line of a streamed one. */
export function readGenerate(document: JsonObject): AnswerPart {
  const { response, thinking } = document
  if (typeof response !== 'string') throw notAnAnswer('response')
  return { ...readCommon(document), text: response, reasoning: textOf(thinking) }
}

function readCommon(document: JsonObject): AnswerPart {
  const done = document['done'] === true
  return {
    done: typeof document['done'] === 'boolean' ? done : undefined,
    finish: done ? textOf(document['done_reason']) : undefined,
    usage: done ? readUsage(document) : undefined,
    model: textOf(document['model']),
    meta: done ? durations(document) : undefined,
  }
}

/** The server leaves out zeros, so an absent count is unknown. Cached tokens are included and cannot be told apart. */
export function readUsage(document: JsonObject): UsageCounts {
  return { inputTokens: countOf(document['prompt_eval_count']), outputTokens: countOf(document['eval_count']) }
}

/** Durations come in nanoseconds. */
function durations(document: JsonObject): Record<string, number | undefined> {
  const milliseconds = (name: string): number | undefined => {
    const nanoseconds = countOf(document[name])
    return nanoseconds === undefined ? undefined : nanoseconds / 1e6
  }
  return {
    totalMs: milliseconds('total_duration'),
    loadMs: milliseconds('load_duration'),
    promptMs: milliseconds('prompt_eval_duration'),
  }
}

function toolCallPart(call: unknown, position: number): ToolCallPart {
  const { id, function: called } = objectOf(call)
  const { name, index, arguments: args } = objectOf(called)
  return { index: countOf(index) ?? position, id: textOf(id), name: textOf(name), arguments: args }
}

function notAnAnswer(member: string): ProviderError {
  return new ProviderError('protocol', `The answer has no ${member}.`, { reason: member })
}
