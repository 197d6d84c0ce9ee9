import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { Agent, request } from 'undici'

import type { LlmClient } from '../../../packages/contracts/src/provider.ts'
import { createAiSdkProvider, type ModelSource } from '../../../packages/provider-ai-sdk/src/index.ts'
import { createTestContext } from '../../../packages/provider-kit/src/testing.ts'
import { createOpenAiCompat } from '../../../packages/provider-openai-compat/src/index.ts'

/** One way of asking the server. Both calls end when the whole answer is there; `onFirst` tells of its first piece. */
export interface Client {
  ask(prompt: string): Promise<unknown>
  stream(prompt: string, onFirst: () => void): Promise<void>
  close(): Promise<void>
}

const KEY = 'sk-bench-0123456789'
const nothing = (): Promise<void> => Promise.resolve()

/** The limit: a request, and the bytes of its answer parsed once. Nobody asks a server with less work. */
export function rawClient(origin: string): Client {
  const dispatcher = new Agent()
  const send = (prompt: string, stream: boolean) =>
    request(`${origin}/v1/chat/completions`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: 'm1', stream, messages: [{ role: 'user', content: prompt }] }),
    })
  return {
    ask: async (prompt) => (await send(prompt, false)).body.json(),
    async stream(prompt, onFirst) {
      const { body } = await send(prompt, true)
      for await (const _ of body) onFirst()
    },
    close: () => dispatcher.close(),
  }
}

export function adapterClient(origin: string): Client {
  return llmClient(createOpenAiCompat(optionsFor(origin), contextFor(origin)))
}

/** The AI SDK's own provider behind the checked egress: what a call through it takes more than without. */
export function aiSdkProviderClient(origin: string): Client {
  const source: ModelSource = (modelId, settings) =>
    createOpenAICompatible({ name: 'bench', includeUsage: true, ...settings })(modelId)
  return llmClient(createAiSdkProvider(source, { ...optionsFor(origin), base_url: `${origin}/v1` }, contextFor(origin)))
}

const optionsFor = (base_url: string) => ({ provider_id: 'bench', base_url, tier: 'local' }) as const
const contextFor = (baseUrl: string) => createTestContext({ baseUrl, apiKey: KEY })

function llmClient(client: LlmClient): Client {
  const call = (prompt: string, stream: boolean) =>
    client.prepareChat({ model: 'm1', stream, messages: [{ role: 'user', content: prompt }] })
  return {
    ask: (prompt) => call(prompt, false).send(),
    stream: async (prompt, onFirst) => void (await call(prompt, true).send({ onEvent: onFirst })),
    close: () => client.close(),
  }
}

export function openAiClient(origin: string): Client {
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: KEY, maxRetries: 0 })
  const body = (prompt: string) => ({ model: 'm1', messages: [{ role: 'user' as const, content: prompt }] })
  return {
    ask: (prompt) => client.chat.completions.create(body(prompt)),
    async stream(prompt, onFirst) {
      for await (const _ of await client.chat.completions.create({ ...body(prompt), stream: true })) onFirst()
    },
    close: nothing,
  }
}

export function aiSdkClient(origin: string): Client {
  const model = createOpenAICompatible({ name: 'bench', baseURL: `${origin}/v1`, apiKey: KEY })('m1')
  return {
    ask: (prompt) => generateText({ model, prompt, maxRetries: 0 }),
    async stream(prompt, onFirst) {
      for await (const _ of streamText({ model, prompt, maxRetries: 0 }).textStream) onFirst()
    },
    close: nothing,
  }
}

export function langChainClient(origin: string): Client {
  const model = new ChatOpenAI({
    model: 'm1',
    apiKey: KEY,
    maxRetries: 0,
    configuration: { baseURL: `${origin}/v1` },
  })
  return {
    ask: (prompt) => model.invoke(prompt),
    async stream(prompt, onFirst) {
      for await (const _ of await model.stream(prompt)) onFirst()
    },
    close: nothing,
  }
}
