import { Ollama } from 'ollama'
import type { ChatResponse, GenerateResponse } from 'ollama'

import type { ChatRequest, SamplingOptions } from '../../../../../packages/contracts/src/provider.ts'
import type { Peer, PeerAnswer } from './peer.ts'

export const ollamaPeer: Peer = {
  name: 'ollama',
  provider: 'ollama',
  async ask(question, { baseUrl, signal }) {
    const client = new Ollama({ host: baseUrl, fetch: (input, init) => fetch(input, { ...init, signal }) })
    if (question.op === 'chat') return chat(client, question.request)
    if (question.op === 'complete') {
      const { model, prompt } = question.request
      const { response, ...counts } = await client.generate({ model, prompt, options: optionsOf(question.request) })
      return { text: response, ...usageOf(counts) }
    }
    if (question.op === 'embed') {
      const { embeddings } = await client.embed({ model: question.model, input: [...question.texts] })
      return { embeddings }
    }
    return { models: (await client.list()).models.map(({ name }) => name) }
  },
}

async function chat(client: Ollama, request: ChatRequest): Promise<PeerAnswer> {
  const { model, messages, tools, responseFormat, reasoning } = request
  const body = {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    options: optionsOf(request),
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description = '', parameters }) => ({
            type: 'function' as const,
            function: { name, description, parameters: { ...Object(parameters) } },
          })),
        }),
    ...(responseFormat?.type === 'json_schema'
      ? { format: { ...Object(responseFormat.schema) } }
      : responseFormat?.type === 'json'
        ? { format: 'json' }
        : {}),
    ...(reasoning === undefined ? {} : { think: reasoning }),
  }
  if (!request.stream) return answerOf(await client.chat({ ...body, stream: false }))
  let answer: PeerAnswer = { text: '' }
  for await (const part of await client.chat({ ...body, stream: true })) {
    const next = answerOf(part)
    answer = {
      ...next,
      text: (answer.text ?? '') + (next.text ?? ''),
      toolCalls: [...(answer.toolCalls ?? []), ...(next.toolCalls ?? [])],
    }
  }
  return answer
}

function answerOf({ message, ...counts }: ChatResponse): PeerAnswer {
  return {
    text: message.content,
    toolCalls: (message.tool_calls ?? []).map(({ function: { name, arguments: args } }) => ({ name, arguments: args })),
    ...usageOf(counts),
  }
}

function usageOf(counts: Pick<GenerateResponse, 'prompt_eval_count' | 'eval_count'>) {
  return { inputTokens: counts.prompt_eval_count, outputTokens: counts.eval_count }
}

function optionsOf({ maxOutputTokens, temperature, seed }: SamplingOptions) {
  return {
    ...(maxOutputTokens === undefined ? {} : { num_predict: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
  }
}
