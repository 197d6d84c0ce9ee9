import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { ChatMessage, ChatRequest, ResponseFormat, ToolCall, ToolChoice } from '@ctxlock/contracts/provider'
import { isObject, present } from '@ctxlock/provider-kit'
import type { CarriedOption, Json } from '@ctxlock/provider-kit'

import { isHandedTexts, type HandedTexts } from './embedding.ts'

/** What a model is handed: which model, which of its two methods, and the call options without signal and headers. */
export interface HandedOver {
  readonly model: string
  readonly stream: boolean
  readonly options: LanguageModelV4CallOptions
}

export const CARRIED_OPTIONS: readonly CarriedOption[] = ['maxOutputTokens', 'temperature', 'topP', 'stop']

/** A chat request as `HandedOver`. Only what the request says is in it. Throws `invalid_request` and `not_supported`. */
export function handedOver(request: ChatRequest, stream: boolean): Json {
  const { tools, toolChoice, responseFormat, reasoning } = request
  const options = present({
    prompt: request.messages.map((message) => promptMessage(message, request.messages)),
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    seed: request.seed,
    stopSequences: request.stop && [...request.stop],
    tools: tools?.map(({ name, description, parameters }) =>
      present({ type: 'function', name, description, inputSchema: parameters }),
    ),
    toolChoice: toolChoice && choice(toolChoice),
    responseFormat: responseFormat && format(responseFormat),
    reasoning: reasoning === undefined ? undefined : effort(reasoning),
  })
  return { model: request.model, stream, options }
}

/** The same back from its bytes: what was hashed is what is handed over, because nothing else is left of it. */
export function readHandedOver(body: Uint8Array): HandedOver | HandedTexts {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  if (isHandedOver(value) || isHandedTexts(value)) return value
  throw new TypeError('expected the bytes of a prepared call')
}

function isHandedOver(value: unknown): value is HandedOver {
  if (!isObject(value) || !isObject(value['options'])) return false
  return typeof value['model'] === 'string' && Array.isArray(value['options']['prompt'])
}

function promptMessage(message: ChatMessage, history: readonly ChatMessage[]): Json {
  const { content } = message
  switch (message.role) {
    case 'system':
      return { role: 'system', content }
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: content }] }
    case 'assistant': {
      const text = content === '' ? [] : [{ type: 'text', text: content }]
      return { role: 'assistant', content: [...text, ...(message.toolCalls ?? []).map(toolCall)] }
    }
    case 'tool': {
      const { toolCallId } = message
      const toolName = message.toolName ?? nameOfCall(toolCallId, history)
      const output = { type: 'text', value: content }
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] }
    }
  }
}

function toolCall({ id, name, arguments: input }: ToolCall): Json {
  return { type: 'tool-call', toolCallId: id, toolName: name, input }
}

/** The SDK wants the name of the tool beside its result; a request may leave it to the call it answers. */
function nameOfCall(callId: string, history: readonly ChatMessage[]): string {
  for (const message of history) {
    if (message.role !== 'assistant') continue
    const call = message.toolCalls?.find(({ id }) => id === callId)
    if (call) return call.name
  }
  throw new ProviderError('invalid_request', 'A tool result names neither its tool nor a call before it.', {
    attempts: 0,
    reason: 'tool_result',
  })
}

function choice(wanted: ToolChoice): Json {
  return typeof wanted === 'string' ? { type: wanted } : { type: 'tool', toolName: wanted.name }
}

/** `strict` has no place in the SDK's options; the answer is validated here in any case. */
function format(wanted: ResponseFormat): Json {
  if (wanted.type === 'text') return { type: 'text' }
  return wanted.type === 'json' ? { type: 'json' } : { type: 'json', name: wanted.name, schema: wanted.schema }
}

function effort(wanted: NonNullable<ChatRequest['reasoning']>): Json {
  if (wanted === false) return 'none'
  if (wanted !== true) return wanted
  throw new ProviderError(
    'not_supported',
    'The AI SDK has no plain switch for reasoning; ask for low, medium or high.',
    {
      attempts: 0,
      reason: 'reasoning',
    },
  )
}
