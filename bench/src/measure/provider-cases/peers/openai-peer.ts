import OpenAI from 'openai'

import type { ChatRequest } from '../../../../../packages/contracts/src/provider.ts'
import type { Peer, PeerAnswer } from './peer.ts'

export const openAiPeer: Peer = {
  name: 'openai',
  provider: 'openai-compat',
  async ask(question, { baseUrl, apiKey, maxRetries, signal }) {
    const client = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries })
    if (question.op === 'chat') return chat(client, question.request, signal)
    if (question.op === 'embed') {
      const { model, texts, dimensions } = question
      const { data } = await client.embeddings.create(
        { model, input: [...texts], ...(dimensions === undefined ? {} : { dimensions }) },
        { signal },
      )
      return { embeddings: data.map(({ embedding }) => embedding) }
    }
    if (question.op === 'models') return { models: (await client.models.list({ signal })).data.map(({ id }) => id) }
    return undefined
  },
}

async function chat(client: OpenAI, request: ChatRequest, signal: AbortSignal): Promise<PeerAnswer> {
  const body = chatBody(request)
  if (request.stream) return streamed(await client.chat.completions.create({ ...body, stream: true }, { signal }))
  const { choices, usage } = await client.chat.completions.create({ ...body, stream: false }, { signal })
  const message = choices[0]?.message
  const called = (message?.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call.function] : []))
  return { text: message?.content ?? message?.refusal ?? '', toolCalls: called.map(parsed), ...counts(usage) }
}

/** Its own helper for whole answers refuses streams without a role; people who read the chunks do not. */
async function streamed(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<PeerAnswer> {
  const calls = new Map<number, { name: string; arguments: string }>()
  let text = ''
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of chunks) {
    usage = chunk.usage ?? usage
    const delta = chunk.choices[0]?.delta
    text += delta?.content ?? ''
    for (const { index, function: part } of delta?.tool_calls ?? []) {
      const call = calls.get(index) ?? { name: '', arguments: '' }
      calls.set(index, { name: part?.name ?? call.name, arguments: call.arguments + (part?.arguments ?? '') })
    }
  }
  return { text, toolCalls: [...calls.values()].map(parsed), ...counts(usage) }
}

function parsed(call: { readonly name: string; readonly arguments: string }) {
  return { name: call.name, arguments: JSON.parse(call.arguments) }
}

function counts(usage: OpenAI.CompletionUsage | null | undefined) {
  return { inputTokens: usage?.prompt_tokens, outputTokens: usage?.completion_tokens }
}

function chatBody(request: ChatRequest) {
  const { model, messages, tools, toolChoice, responseFormat, maxOutputTokens, temperature, seed } = request
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role: role === 'tool' ? ('user' as const) : role, content })),
    ...(request.stream ? { stream_options: { include_usage: true } } : {}),
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, parameters }) => ({
            type: 'function' as const,
            function: { name, parameters: { ...Object(parameters) } },
          })),
        }),
    ...(toolChoice === undefined
      ? {}
      : {
          tool_choice:
            typeof toolChoice === 'string' ? toolChoice : { type: 'function' as const, function: toolChoice },
        }),
    ...(responseFormat?.type === 'json_schema'
      ? {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: responseFormat.name, schema: { ...Object(responseFormat.schema) } },
          },
        }
      : responseFormat?.type === 'json'
        ? { response_format: { type: 'json_object' as const } }
        : {}),
  }
}
