import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { Agent, request } from 'undici'

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
  const client = createOpenAiCompat(
    { provider_id: 'bench', base_url: origin, tier: 'local' },
    createTestContext({ baseUrl: origin, apiKey: KEY }),
  )
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
