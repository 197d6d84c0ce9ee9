import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText, jsonSchema, Output, streamText } from 'ai'
import type { LanguageModel, ToolSet } from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'

import type { ChatRequest, SamplingOptions } from '../../../../../packages/contracts/src/provider.ts'
import type { Peer, PeerAnswer, Server } from './peer.ts'

/** Its warnings would drown the table. */
Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false)

export const aiSdkPeer: Peer = {
  name: 'ai + @ai-sdk/openai-compatible',
  provider: 'openai-compat',
  async ask(question, server) {
    const provider = createOpenAICompatible({
      name: 'peer',
      baseURL: server.baseUrl,
      apiKey: server.apiKey,
      includeUsage: true,
    })
    if (question.op === 'chat') return chat(provider(question.request.model), question.request, server)
    if (question.op !== 'embed') return undefined
    const { maxRetries, signal } = server
    const model = provider.embeddingModel(question.model)
    return embedMany({ model, values: [...question.texts], maxRetries, abortSignal: signal })
  },
}

export const aiSdkOllamaPeer: Peer = {
  name: 'ai + ollama-ai-provider-v2',
  provider: 'ollama',
  async ask(question, server) {
    const provider = createOllama({ baseURL: `${server.baseUrl}/api` })
    if (question.op === 'chat') return chat(provider(question.request.model), question.request, server)
    if (question.op !== 'embed') return undefined
    const { maxRetries, signal } = server
    const model = provider.embeddingModel(question.model)
    return embedMany({ model, values: [...question.texts], maxRetries, abortSignal: signal })
  },
}

async function chat(model: LanguageModel, request: ChatRequest, server: Server): Promise<PeerAnswer> {
  const tools: ToolSet = Object.fromEntries(
    (request.tools ?? []).map(({ name, parameters }) => [name, { inputSchema: jsonSchema({ ...Object(parameters) }) }]),
  )
  const call = {
    model,
    prompt: request.messages.map(({ content }) => content).join('\n'),
    maxRetries: server.maxRetries,
    abortSignal: server.signal,
    ...samplingOf(request),
    ...(request.tools === undefined ? {} : { tools }),
    ...(request.responseFormat?.type === 'json_schema'
      ? { output: Output.object({ schema: jsonSchema({ ...Object(request.responseFormat.schema) }) }) }
      : {}),
  }
  if (!request.stream) {
    const { text, toolCalls, usage } = await generateText(call)
    return answerOf(text, toolCalls, usage)
  }
  let failure: unknown
  const stream = streamText({ ...call, onError: ({ error }) => void (failure ??= error) })
  await stream.consumeStream({ onError: (error) => void (failure ??= error) })
  if (failure !== undefined) throw failure
  return answerOf(await stream.text, await stream.toolCalls, await stream.usage)
}

function answerOf(
  text: string,
  toolCalls: readonly { readonly toolName: string; readonly input: unknown; readonly invalid?: boolean | undefined }[],
  {
    inputTokens,
    outputTokens,
  }: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined },
): PeerAnswer {
  // It marks such calls instead of throwing.
  if (toolCalls.some(({ invalid }) => invalid)) throw new Error('a tool call is marked invalid')
  return {
    text,
    toolCalls: toolCalls.map(({ toolName, input }) => ({ name: toolName, arguments: input })),
    inputTokens,
    outputTokens,
  }
}

function samplingOf({ maxOutputTokens, temperature, seed }: SamplingOptions) {
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
  }
}
