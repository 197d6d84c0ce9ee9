// A provider of a third party that is not made by the kit, judged by the real command.
import { expect, test } from 'vitest'

import { startChatServer } from './support/chat-server.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

/** A plugin whose answer is right up to what `change` changes, and which sends `sends` before it gives it. */
function workspace(change: string, baseUrl = 'http://127.0.0.1:7411', sends = 'undefined'): string {
  const usage = `{ inputTokens: 9, outputTokens: 2, totalTokens: 11, cachedInputTokens: null, reasoningTokens: null, source: 'provider', complete: true }`
  const provider = {
    provider_id: 'acme',
    kind: 'acme',
    declared_tier: 'local',
    base_url: baseUrl,
    secret_ref: null,
  }
  const network = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' }
  return makeWorkspace({
    'notes/box.md': 'The checksum of a box is computed over its raw bytes with SHA-256.\n',
    'ctxlock.config.json': JSON.stringify({
      schema_version: 'ctxlock.config@1',
      plugins: ['./acme.js'],
      providers: [{ ...provider, default_model_id: 'm1', models: [], network, enabled: true }],
    }),
    'acme.js': `export const acme = {
  apiVersion: 'ctxlock.plugin@1', kind: 'provider', name: 'acme',
  options: { '~standard': { version: 1, vendor: 'acme', validate: (value) => ({ value }) } },
  create: (options, { egress }) => ({
    providerId: options.provider_id, displayName: 'Acme',
    capabilities: { chat: true, complete: false, stream: false, tools: false, json_schema: false, embed: false, list: false,
      load: false, vision: false, reasoning: false, seed: true, cached_tokens: false, usage: 'provider' },
    profile: (model) => ({ model_id: model, max_context_tokens: 8192, model_tier: 'local', parameter_class: 'PUnknown' }),
    prepareChat: ({ messages }) => {
      const body = new TextEncoder().encode(JSON.stringify(messages))
      const url = options.base_url + '/chat'
      const post = async (sent) => { for await (const _ of (await egress.request({ method: 'POST', url, body: sent, headers: {}, streaming: false })).body); }
      const send = async () => (${sends}, { text: 'SHA-256', toolCalls: [], finishReason: 'stop', rawFinishReason: null, usage: ${usage},
        requestedModel: 'm1', responseModel: 'm1', attempts: 1, timings: { totalMs: 1, firstTextMs: null }, warnings: [],
        meta: {}, ...(${change}) })
      return { method: 'POST', url, body, send }
    },
    health: async () => ({ ready: true, state: 'ready' }),
    close: async () => {},
  }),
}
`,
  })
}

test.each([
  ['a text that is none', '{ text: 42 }', '`text`'],
  ['a name of two lines', "{ responseModel: 'm1\\n2' }", '`responseModel`'],
  ['counts that are none', '{ usage: { inputTokens: NaN } }', '`usage.inputTokens`'],
  ['a reason nobody knows', "{ finishReason: 'done' }", '`finishReason`'],
])('%s is the fault of the plugin, named, and the call is settled', async (_, change, field) => {
  const root = workspace(change)
  const asked = await ctxlockHere(['ask', '--model', 'm1', QUESTION], root)
  expect(asked).toMatchObject({ code: 5, error: { code: 'protocol', message: expect.stringContaining(field) } })
  expect((await ctxlockHere(['verify'], root)).stdout).toMatch(/runs +1 recorded, 0 incomplete/)
})

test('an answer of the right form is taken from whoever made it', async () => {
  expect(await ctxlockHere(['ask', '--model', 'm1', QUESTION], workspace('{}'))).toMatchObject({ code: 0 })
})

test('what a plugin sends is what it prepared, or does not leave (PROV-019)', async () => {
  const { url, bodies } = await startChatServer()
  const asked = (sends: string) => ctxlockHere(['ask', '--model', 'm1', QUESTION], workspace('{}', url, sends))
  expect(await asked('await post(body)')).toMatchObject({ code: 0 })
  expect(bodies).toHaveLength(1)
  const other = await asked('await post(new TextEncoder().encode("[]")).catch(() => {})')
  expect(other).toMatchObject({ code: 5, error: { code: 'protocol', message: expect.stringContaining('not sent') } })
  expect(bodies).toHaveLength(1)
})
