import { providerConformance } from '@ctxlock/plugin-api/testing'
import { createTestContext, HTTP_TARGET } from '@ctxlock/provider-kit/testing'
import { expect, test } from 'vitest'

import { tellerPlugin } from '../src/index.ts'
import { startTeller } from './teller-server.ts'

const END = '{"stop":"end","tokens":{"read":9,"written":2},"model":"m1"}'

const cases = providerConformance({
  plugin: tellerPlugin,
  ...HTTP_TARGET,
  answer: {
    headers: { 'content-type': 'application/json' },
    body: `{"piece":"Tischlein, deck dich 🦙",${END.slice(1)}`,
    text: 'Tischlein, deck dich 🦙',
  },
  stream: {
    headers: { 'content-type': 'application/x-ndjson' },
    body: `{"piece":"Tischlein, "}\n{"piece":"deck dich 🦙"}\n${END}\n`,
    text: 'Tischlein, deck dich 🦙',
  },
  counts: ({ inputTokens, outputTokens }) =>
    JSON.stringify({ piece: 'So be it.', stop: 'end', tokens: { read: inputTokens, written: outputTokens } }),
  errorBody: (message) => JSON.stringify({ error: message }),
})

for (const { name, run } of cases) test(name, run)

test('the encoder gives a replay the bytes that the client sends', () => {
  const options = { provider_id: 'teller', base_url: 'http://127.0.0.1:7000', tier: 'local' } as const
  const client = tellerPlugin.create(options, createTestContext({ baseUrl: options.base_url }))
  const request = { model: 'm1', messages: [{ role: 'user', content: 'once' }], maxOutputTokens: 3 } as const
  expect(tellerPlugin.encoder?.(options).encodeChat(request)).toEqual(client.prepareChat(request).body)
})

test('a real server answers, streamed and whole, and got the prepared bytes', async () => {
  const teller = await startTeller()
  const context = createTestContext({ baseUrl: teller.origin })
  const client = tellerPlugin.create({ provider_id: 'teller', base_url: teller.origin, tier: 'local' }, context)
  expect(await client.health()).toEqual({ ready: true, state: 'ready' })
  for (const stream of [true, false]) {
    const pieces: string[] = []
    const call = client.prepareChat({
      model: 'm1',
      messages: [{ role: 'user', content: 'once upon a time' }],
      maxOutputTokens: 3,
      stream,
    })
    const result = await call.send({ onEvent: ({ text }) => pieces.push(text) })
    expect(result).toMatchObject({
      text: 'ONCE UPON A ',
      finishReason: 'length',
      usage: { inputTokens: 4, outputTokens: 3, source: 'provider' },
    })
    expect(pieces).toHaveLength(stream ? 3 : 1)
    expect(teller.bodies.at(-1)?.equals(call.body)).toBe(true)
  }
  await client.close()
  await teller.close()
})
