import { requestBody } from '@ctxlock/contracts/request-body'
import type { ChatMessage, ChatRequest, ToolChoice } from '@ctxlock/contracts/provider'
import { present } from '@ctxlock/provider-kit'
import type { CarriedOption, Json } from '@ctxlock/provider-kit'

import { reasoningMembers } from './server-profile.ts'
import type { ServerProfile } from './server-profile.ts'

/** This wire has no context size and no keep-alive of models: they are the server's own business. */
export const CARRIED_OPTIONS: readonly CarriedOption[] = ['maxOutputTokens', 'temperature', 'topP', 'stop']

/** The body of `POST /chat/completions`. Only what the request says is in it: defaults of servers differ. */
export function chatBody(profile: ServerProfile, request: ChatRequest, stream: boolean): Json {
  const { tools, toolChoice, responseFormat } = request
  return present({
    model: request.model,
    messages: request.messages.map(messageBody),
    stream,
    // Without it servers stream no usage at all.
    stream_options: stream ? { include_usage: true } : undefined,
    [profile.outputLimit]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stop: request.stop && [...request.stop],
    tools:
      tools && tools.length > 0
        ? tools.map(({ name, description, parameters }) => ({
            type: 'function',
            function: present({ name, description, parameters }),
          }))
        : undefined,
    tool_choice: toolChoice && choiceBody(toolChoice),
    response_format: responseFormat && profile.responseFormat(responseFormat),
    ...reasoningMembers(profile, request),
  })
}

function messageBody(message: ChatMessage): Json {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
  if (message.role !== 'assistant' || !message.toolCalls?.length)
    return { role: message.role, content: message.content }
  const calls = message.toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: new TextDecoder().decode(requestBody(args)) },
  }))
  return { role: 'assistant', content: message.content, tool_calls: calls }
}

function choiceBody(choice: ToolChoice): Json {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } }
}
