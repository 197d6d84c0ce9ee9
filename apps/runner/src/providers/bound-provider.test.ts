import type { Egress, EgressRequest } from '@ctxlock/contracts/plugin'
import { ProviderError, type GenerationResult, type LlmClient, type PreparedCall } from '@ctxlock/contracts/provider'
import { createSecretHolder } from '@ctxlock/provider-kit'
import { describe, expect, test } from 'vitest'

import { boundProvider } from './bound-provider.ts'

const URL_OF_CALL = 'http://127.0.0.1:7411/v1/chat'
const BYTES = new TextEncoder().encode('{"prompt":"what was approved"}')

const UNKNOWN = {
  inputTokens: null,
  outputTokens: null,
  totalTokens: null,
  cachedInputTokens: null,
  reasoningTokens: null,
}
const ANSWER: GenerationResult = {
  text: 'done',
  toolCalls: [],
  finishReason: 'stop',
  rawFinishReason: 'stop',
  usage: { ...UNKNOWN, source: 'none', complete: false },
  requestedModel: 'm',
  responseModel: null,
  attempts: 1,
  timings: { totalMs: 1, firstTextMs: null },
  warnings: [],
  meta: {},
}

type Change = Partial<Pick<EgressRequest, 'method' | 'url' | 'body'>>

/** A plugin whose `send` does with the egress what `sending` says, and one that was bound. */
function plugin(
  sending: (send: (change?: Change) => Promise<unknown>, body: Uint8Array) => Promise<unknown>,
  rewritten?: boolean,
) {
  const left: EgressRequest[] = []
  const real: Egress = {
    request: async (request) => {
      // The real one looks up the address first.
      await Promise.resolve()
      left.push({ ...request, ...(request.body && { body: request.body.slice() }) })
      return { status: 200, headers: {}, body: (async function* () {})() }
    },
    close: async () => {},
  }
  const { egress, bind } = boundProvider(real, createSecretHolder())
  const body = BYTES.slice()
  const request = (change: Change = {}) =>
    egress.request({ method: 'POST', url: URL_OF_CALL, body, headers: {}, streaming: false, ...change })
  const prepared: PreparedCall = {
    method: 'POST',
    url: URL_OF_CALL,
    body,
    ...(rewritten !== undefined && { rewritten }),
    send: async () => {
      await sending(request, body)
      return ANSWER
    },
  }
  const client = { prepareChat: () => prepared, listModels: async () => (await request({ method: 'GET' }), []) }
  return { left, request, client: bind(client as unknown as LlmClient) }
}

const REQUEST = { model: 'm', messages: [] }

describe('a provider plugin is held to what it prepared (PROV-019)', () => {
  test('its bytes leave, again as often as it may repeat them', async () => {
    const { left, client } = plugin(async (send) => [await send(), await send()])
    await expect(client.prepareChat(REQUEST).send()).resolves.toMatchObject({ text: 'done' })
    expect(left.map(({ body }) => body)).toEqual([BYTES, BYTES])
  })

  test.each<[string, Change]>([
    ['a byte more', { body: new Uint8Array([...BYTES, 32]) }],
    ['a byte changed', { body: BYTES.with(0, 91) }],
    ['no body', { body: new Uint8Array() }],
    ['another path', { url: `${URL_OF_CALL}/log` }],
    ['a query', { url: `${URL_OF_CALL}?prompt=approved` }],
    ['another method', { method: 'DELETE' }],
  ])('%s is refused, and so is the call, also when the plugin goes on', async (_, change) => {
    const refused = plugin((send) => send(change))
    const hidden = plugin((send) => send(change).catch(() => send()))
    for (const { left, client } of [refused, hidden]) {
      const sent = client.prepareChat(REQUEST).send()
      await expect(sent).rejects.toMatchObject({ code: 'protocol', reason: 'plugin', retryable: false, attempts: 0 })
      expect(left.filter(({ body }) => !body || Buffer.compare(body, BYTES) !== 0)).toEqual([])
    }
  })

  test('bytes that the plugin changes after they were approved do not leave', async () => {
    const { left, client } = plugin((send, body) => send({ body: body.fill(65) }))
    const prepared = client.prepareChat(REQUEST)
    await expect(prepared.send()).rejects.toMatchObject({ reason: 'plugin' })
    expect([prepared.body, left]).toEqual([BYTES, []])
  })

  test('bytes that the plugin changes while they leave leave as they were approved', async () => {
    const { left, client } = plugin(async (send, body) => {
      const sent = send()
      body.fill(65)
      await sent
    })
    await client.prepareChat(REQUEST).send()
    expect(left.map(({ body }) => body)).toEqual([BYTES])
  })

  test('what may be sent once is sent once, whatever the plugin takes for a retry', async () => {
    const { left, client } = plugin(async (send) => [await send(), await send()])
    const sent = client.prepareChat(REQUEST).send({ maxRetries: 0 })
    await expect(sent).rejects.toMatchObject({ reason: 'plugin', attempts: 1 })
    expect(left).toHaveLength(1)
  })

  test('a call that a server answered was sent, whatever the plugin says of it', async () => {
    const unsent = new ProviderError('network', 'Nothing was sent.', { attempts: 0 })
    const lying = plugin(async (send) => {
      await send()
      throw unsent
    })
    await expect(lying.client.prepareChat(REQUEST).send()).rejects.toMatchObject({ reason: 'plugin', attempts: 1 })
    const honest = plugin(async () => {
      throw unsent
    })
    await expect(honest.client.prepareChat(REQUEST).send()).rejects.toBe(unsent)
  })

  test('what another library writes is counted and not compared', async () => {
    const { left, client } = plugin(async (send) => [await send({ body: new Uint8Array([1]) }), await send()], true)
    await expect(client.prepareChat(REQUEST).send({ maxRetries: 0 })).rejects.toMatchObject({ attempts: 1 })
    expect(left).toHaveLength(1)
  })

  test('calls at the same time are told apart', async () => {
    const held: (() => void)[] = []
    const { left, client } = plugin(async (send) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await send()
    })
    const calls = [
      client.prepareChat(REQUEST).send({ maxRetries: 0 }),
      client.prepareChat(REQUEST).send({ maxRetries: 0 }),
    ]
    await client.listModels()
    for (const go of held) go()
    await Promise.all(calls)
    expect(left.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST'])
  })

  test('nothing leaves that nobody asked for', async () => {
    const { left, request } = plugin(async () => {})
    await expect(request()).rejects.toMatchObject({ code: 'protocol', reason: 'plugin', attempts: 0 })
    expect(left).toEqual([])
  })

  test.each<[string, unknown]>([
    ['something that is no provider error', new TypeError('the prompt was: secret')],
    ['an error nobody knows', Object.assign(new ProviderError('network', 'x'), { code: 'two\nlines' })],
    ['counts that are none', new ProviderError('network', 'x', { usage: { ...ANSWER.usage, inputTokens: NaN } })],
    ['attempts that are none', new ProviderError('network', 'x', { attempts: -1 })],
  ])('%s is the fault of the plugin', async (_, thrown) => {
    const { client } = plugin(() => Promise.reject(thrown))
    const sent = client.prepareChat(REQUEST).send()
    await expect(sent).rejects.toMatchObject({ code: 'protocol', reason: 'plugin', usage: undefined, attempts: 1 })
  })
})
