import type { LanguageModelV4 } from '@ai-sdk/provider'
import { everyForm, providerErrorOf, startFakeServer, startTrap } from '@ctxlock/plugin-api/testing'
import type { FakeServer, Script } from '@ctxlock/plugin-api/testing'
import { bytesHash } from '@ctxlock/core-hash'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { describe, expect, test } from 'vitest'

import { createAiSdkProvider } from '../src/index.ts'
import type { ModelSource } from '../src/index.ts'
import { openAiModels } from './openai-models.ts'

const QUESTION = 'What is written in the book of rules about the seventh day of the week, and who wrote it?'
const CHAT = { model: 'm1', messages: [{ role: 'user', content: QUESTION } as const], stream: false }
const ANSWER: Script = () => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-request-id': 'r1' },
  body: [
    {
      bytes: JSON.stringify({
        model: 'm1',
        choices: [{ message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 21 },
      }),
    },
  ],
})

async function withProvider(
  source: ModelSource,
  use: (bench: {
    readonly provider: ReturnType<typeof createAiSdkProvider>
    readonly server: FakeServer
  }) => Promise<void>,
  options: { readonly script?: Script; readonly apiKey?: string; readonly maxRetries?: number } = {},
): Promise<void> {
  const server = await startFakeServer(options.script ?? ANSWER)
  const context = createTestContext({
    baseUrl: server.origin,
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
  })
  const common = { provider_id: 'sdk', base_url: `${server.origin}/v1`, tier: 'local' } as const
  const provider = createAiSdkProvider(source, { ...common, max_retries: options.maxRetries ?? 0 }, context)
  try {
    await use({ provider, server })
  } finally {
    await provider.close()
    await server.close()
  }
}

describe('what is handed over and what leaves', () => {
  test('the prepared bytes are the call options, and the wire bytes are named by their hash', () =>
    withProvider(openAiModels, async ({ provider, server }) => {
      const call = provider.prepareChat({ ...CHAT, maxOutputTokens: 9, seed: 7, temperature: 0 })
      expect(JSON.parse(Buffer.from(call.body).toString())).toEqual({
        model: 'm1',
        stream: false,
        options: {
          prompt: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }],
          maxOutputTokens: 9,
          seed: 7,
          temperature: 0,
        },
      })
      expect(call.url).toBe(`${server.origin}/v1`)
      const result = await call.send()
      const body = server.requests[0]?.body ?? new Uint8Array()
      expect(server.requests).toHaveLength(1)
      expect(result.meta).toMatchObject({ wire: { sha256: bytesHash(body), bytes: body.length }, requestId: 'r1' })
      expect(result.rawFinishReason).toBe('stop')
    }))

  test('a count the server left out is unknown, although the SDK calls it 0', () =>
    withProvider(openAiModels, async ({ provider }) => {
      expect((await provider.prepareChat(CHAT).send()).usage).toMatchObject({
        inputTokens: 21,
        outputTokens: null,
        totalTokens: null,
        cachedInputTokens: null,
        reasoningTokens: null,
        source: 'provider',
        complete: false,
      })
    }))

  test('retries send the same wire bytes again', async () => {
    const script: Script = (request, index) => (index === 0 ? { status: 503 } : ANSWER_OF(request, index))
    await withProvider(
      openAiModels,
      async ({ provider, server }) => {
        expect((await provider.prepareChat(CHAT).send()).attempts).toBe(2)
        const [first, second] = server.requests.map(({ body }) => Buffer.from(body).toString())
        expect(second).toBe(first)
      },
      { script, maxRetries: 1 },
    )
  })

  test('the key replaces its placeholder in headers only, and no header is sent without one', async () => {
    const anyHeader: ModelSource = (id, { apiKey, ...settings }) =>
      createOpenAICompatible({ name: 'x', ...settings, headers: { 'x-api-key': apiKey } })(id)
    await withProvider(
      anyHeader,
      async ({ provider, server }) => {
        await provider.prepareChat(CHAT).send()
        expect(server.requests[0]?.headers['x-api-key']).toBe('k-123456')
      },
      { apiKey: 'k-123456' },
    )
    await withProvider(openAiModels, async ({ provider, server }) => {
      await provider.prepareChat(CHAT).send()
      expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
    })
  })
})

const ANSWER_OF = typeof ANSWER === 'function' ? ANSWER : () => ({ status: 500 })

test.each([
  [{ status: 404 }, { ready: true, state: 'ready' }],
  [{ status: 401 }, { ready: false, state: 'error', reason: 'auth' }],
  [{ status: 0 }, { ready: false, state: 'unreachable', reason: 'network' }],
] as const)('health of a server that answers %j is %j', (response, report) =>
  withProvider(openAiModels, async ({ provider }) => expect(await provider.health()).toEqual(report), {
    script: () => response,
  }),
)

describe('a model that would go its own way', () => {
  test('with its own fetch: nothing of the caller is handed to it', async () => {
    const trap = await startTrap()
    const handed: string[] = []
    const own: ModelSource = (id) => {
      const model = createOpenAICompatible({ name: 'own', baseURL: `http://127.0.0.1:${trap.port}/v1` })(id)
      return new Proxy(model, {
        get: (target, name, receiver) => {
          if (name === 'doGenerate' || name === 'doStream') {
            return (options: Parameters<LanguageModelV4['doGenerate']>[0]) => {
              handed.push(JSON.stringify(options.prompt))
              return target[name](options)
            }
          }
          return Reflect.get(target, name, receiver)
        },
      })
    }
    await withProvider(own, async ({ provider, server }) => {
      for (const stream of [false, true]) {
        const error = await providerErrorOf(provider.prepareChat({ ...CHAT, stream }).send())
        expect(error).toMatchObject({ code: 'ssrf_blocked', reason: 'own_network', attempts: 0 })
      }
      expect(server.connections).toBe(0)
    })
    expect(handed.join()).not.toContain('seventh day')
    await trap.close()
  })

  test.each([
    ['another origin', 'https://models.example.com/v1', 'origin'],
    ['another port of this machine', 'http://127.0.0.1:9/v1', 'origin'],
  ])('to %s: no connection', (_, baseURL, reason) =>
    withProvider(
      (id, settings) => openAiModels(id, { ...settings, baseURL }),
      async ({ provider, server }) => {
        const error = await providerErrorOf(provider.prepareChat(CHAT).send())
        expect(error).toMatchObject({ code: 'ssrf_blocked', reason })
        expect(server.connections).toBe(0)
      },
    ),
  )

  test('with text of its own in the request: not sent', () => {
    const added = `${'You are watched. '.repeat(5)}`
    const talkative: ModelSource = (id, settings) =>
      createOpenAICompatible({
        name: 'x',
        ...settings,
        transformRequestBody: (body) => ({
          ...body,
          messages: [{ role: 'system', content: added }, ...body['messages']],
        }),
      })(id)
    return withProvider(talkative, async ({ provider, server }) => {
      const error = await providerErrorOf(provider.prepareChat(CHAT).send())
      expect(error).toMatchObject({ code: 'ssrf_blocked', reason: 'unseen_text', attempts: 0 })
      expect(everyForm(error)).not.toContain('watched')
      expect(server.connections).toBe(0)
    })
  })

  test('with retries of its own: the second request is not sent', () => {
    const stubborn: ModelSource = (id, settings) =>
      openAiModels(id, {
        ...settings,
        fetch: async (input, init) => {
          const first = await settings.fetch(input, init)
          return first.ok ? first : settings.fetch(input, init)
        },
      })
    return withProvider(
      stubborn,
      async ({ provider, server }) => {
        expect(await providerErrorOf(provider.prepareChat(CHAT).send())).toMatchObject({ reason: 'second_request' })
        expect(server.requests).toHaveLength(1)
      },
      { script: () => ({ status: 503 }) },
    )
  })

  test('with its fetch kept for later: nothing is sent outside a call', async () => {
    let kept: typeof globalThis.fetch | undefined
    await withProvider(
      (id, settings) => {
        kept = settings.fetch
        return openAiModels(id, settings)
      },
      async ({ provider, server }) => {
        await provider.prepareChat(CHAT).send()
        const late = kept?.(`${server.origin}/v1/chat/completions`, { method: 'POST', body: '{}' })
        expect(await providerErrorOf(late ?? Promise.resolve())).toMatchObject({ reason: 'outside_call' })
        expect(server.requests).toHaveLength(1)
      },
    )
  })

  test('served elsewhere by a server of this machine: refused before anything is prepared', () =>
    withProvider(openAiModels, async ({ provider }) => {
      const error = await providerErrorOf(() => provider.prepareChat({ ...CHAT, model: 'gpt-oss:120b-cloud' }))
      expect(error).toMatchObject({ code: 'ssrf_blocked', reason: 'tier_mismatch', attempts: 0 })
    }))

  test('of an older specification: a configuration error', () =>
    withProvider(
      (id, settings) => Object.assign(openAiModels(id, settings), { specificationVersion: 'v3' }),
      async ({ provider }) => {
        expect(await providerErrorOf(provider.prepareChat(CHAT).send())).toMatchObject({ reason: 'specification' })
      },
    ))
})
