// A model of the AI SDK as the provider of the real command, from a package of the workspace.
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import { expect, onTestFinished, test, vi } from 'vitest'

import { serverConfig, startChatServer } from './support/chat-server.ts'
import { cloudWorkspace } from './support/cloud-workspace.ts'
import { ctxlock, ctxlockJson, Json } from './support/ctxlock.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE } from './support/workspace.ts'

const KEY = 'sk-test-ai-sdk-0123456789'
const QUESTION = 'How is the checksum of a box computed?'
const ADAPTER = new URL('../../../packages/provider-ai-sdk/src/index.ts', import.meta.url).href
const SDK_PROVIDER = import.meta.resolve('@ai-sdk/openai-compatible')

/** A package with a provider plugin made by the AI SDK; `settings` is what the model's provider is made with. */
function plugin(settings = '...given'): Readonly<Record<string, string>> {
  return {
    'node_modules/acme-models/package.json': '{"name":"acme-models","type":"module","exports":"./index.js"}',
    'node_modules/acme-models/index.js': `
      import { createOpenAICompatible } from ${JSON.stringify(SDK_PROVIDER)}
      import { aiSdkPlugin } from ${JSON.stringify(ADAPTER)}
      export const acmeModels = aiSdkPlugin('acme_models', (id, given) =>
        createOpenAICompatible({ name: 'acme', includeUsage: true, ${settings} })(id))`,
  }
}

function workspace(url: string, settings?: string): string {
  return makeWorkspace({
    ...SMALL_WORKSPACE,
    ...plugin(settings),
    'ctxlock.config.json': serverConfig(url, { plugins: ['acme-models'] }).replace('openai_compat', 'acme_models'),
  })
}

/** The text of each message, as the SDK is given it or as the wire has it. */
function textsOf(messages: readonly { readonly content: string | readonly { readonly text: string }[] }[]): string[] {
  return messages.map(({ content }) =>
    typeof content === 'string' ? content : content.map(({ text }) => text).join(''),
  )
}

test('what is shown is what the model was handed, and the wire has its texts', async () => {
  const server = await startChatServer()
  const cwd = workspace(server.url)
  const env = { CTXLOCK_TEST_KEY: KEY }
  const ask = await ctxlock(['ask', QUESTION], { cwd, env })
  expect(ask.code, ask.stderr).toBe(0)
  expect(server.bodies).toHaveLength(1)
  expect(server.headers[0]?.authorization).toBe(`Bearer ${KEY}`)

  const shown = await ctxlock(['show', 'last'], { cwd })
  expect(shown.code, shown.stderr).toBe(0)
  const { model, stream, options } = JSON.parse(shown.stdout)
  expect([model, stream]).toEqual(['m1', true])
  const wire = JSON.parse(server.bodies[0]?.toString() ?? '')
  expect(textsOf(wire.messages)).toEqual(textsOf(options.prompt))
  expect(textsOf(wire.messages).join()).toContain(QUESTION)

  const [inference] = recorded(await openedSession(cwd), 'llm_inference')
  expect(inference?.payload.wire_size).toBe(server.bodies[0]?.length)
  expect(inference?.payload.wire_digest).toMatch(/^[0-9a-f]{64}$/)
  expect((await ctxlockJson(['verify'], { cwd })).code).toBe(0)
  // What the SDK writes needs the SDK's client, so a replay has no bytes to compare, and says so.
  const replay = await ctxlockHere(['replay', 'last'], cwd)
  expect([replay.code, replay.stdout]).toEqual([
    0,
    expect.stringMatching(/1 of 1 the same, 1 up to its messages only$/m),
  ])
  for (const { path, bytes } of readTree(join(cwd, '.ctxlock'))) expect(bytes.includes(KEY), path).toBe(false)
})

test('a model that keeps its own fetch is refused, and nothing of the workspace reaches its server', async () => {
  const server = await startChatServer()
  const cwd = workspace(server.url, 'baseURL: given.baseURL, apiKey: given.apiKey')
  const ask = await ctxlock(['ask', QUESTION], { cwd, env: { CTXLOCK_TEST_KEY: KEY } })
  expect(ask.code).toBe(8)
  expect(ask.stderr).toContain('did not use the fetch it was given')
  expect(Buffer.concat([...server.bodies]).toString()).not.toMatch(/checksum|Parcel/)
  expect(JSON.stringify(server.headers)).not.toContain(KEY)
})

test('a cloud call through it waits for a person, makes no connection before, and sends what was approved', async () => {
  const { server, options } = await cloudWorkspace({
    files: plugin(),
    plugin: { name: 'acme-models', kind: 'acme_models' },
  })
  vi.stubEnv('CTXLOCK_TEST_KEY', KEY)
  onTestFinished(() => void vi.unstubAllEnvs())
  const run = (...args: readonly string[]) => ctxlockHere(args, options.cwd)
  const details = new Json((await run('ask', QUESTION)).error?.details)
  const [request, id] = [details.at('request_id').text, details.at('run_id').text]
  const shown = await ctxlock(['consent', 'show', request, '--bytes'], options)
  expect(bytesHash(shown.stdoutBytes)).toBe(details.at('payload_sha256').text)
  expect(server.requests).toEqual([])

  await run('consent', 'approve', request, '--hash', details.at('payload_sha256').text)
  expect(server.requests).toEqual([])
  expect((await run('resume', id)).code).toBe(0)
  expect(server.bodies).toHaveLength(1)
  expect(textsOf(JSON.parse(server.bodies[0]?.toString() ?? '').messages)).toEqual(
    textsOf(JSON.parse(shown.stdout).options.prompt),
  )
})
