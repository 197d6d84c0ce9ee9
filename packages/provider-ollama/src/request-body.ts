import type {
  ChatMessage,
  ChatRequest,
  CompletionRequest,
  ResponseFormat,
  SamplingOptions,
} from '@ctxlock/contracts/provider'
import { present } from '@ctxlock/provider-kit'
import type { CarriedOption, Json } from '@ctxlock/provider-kit'

export const CARRIED_OPTIONS: readonly CarriedOption[] = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'stop',
  'contextTokens',
  'keepAlive',
]

/** The body of `POST /api/chat`. */
export function chatBody(request: ChatRequest, stream: boolean): Json {
  // The native API has no tool_choice: no tools are offered for `none`, other demands are checked on the answer.
  const tools = request.toolChoice === 'none' ? [] : (request.tools ?? [])
  return present({
    ...samplingMembers(request, stream),
    messages: request.messages.map(messageBody),
    format: formatOf(request.responseFormat),
    tools:
      tools.length === 0
        ? undefined
        : tools.map(({ name, description, parameters }) => ({
            type: 'function',
            function: present({ name, description, parameters }),
          })),
  })
}

/** The body of `POST /api/generate`. */
export function generateBody(request: CompletionRequest, stream: boolean): Json {
  return present({ ...samplingMembers(request, stream), prompt: request.prompt })
}

function samplingMembers(request: SamplingOptions, stream: boolean): Readonly<Record<string, Json | undefined>> {
  const options = present({
    num_ctx: request.contextTokens,
    num_predict: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stop: request.stop && request.stop.length > 0 ? [...request.stop] : undefined,
  })
  return {
    model: request.model,
    stream,
    // Both default to true: an over-long prompt would be cut without a word. So it is an error instead (wire facts 2).
    truncate: false,
    shift: false,
    options: Object.keys(options).length === 0 ? undefined : options,
    think: request.reasoning,
    keep_alive: request.keepAlive,
  }
}

function messageBody(message: ChatMessage): Json {
  if (message.role === 'tool') {
    return present({
      role: 'tool',
      content: message.content,
      tool_name: message.toolName,
      tool_call_id: message.toolCallId,
    })
  }
  if (message.role !== 'assistant' || !message.toolCalls?.length)
    return { role: message.role, content: message.content }
  const calls = message.toolCalls.map(({ id, name, arguments: args }) => ({ id, function: { name, arguments: args } }))
  return { role: 'assistant', content: message.content, tool_calls: calls }
}

function formatOf(format: ResponseFormat | undefined): Json | undefined {
  if (format === undefined || format.type === 'text') return undefined
  return format.type === 'json' ? 'json' : format.schema
}
