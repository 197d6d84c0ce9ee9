import { ProviderError, type EmbeddingResult, type LlmClient } from '@ctxlock/contracts/provider'
import { NO_CAPABILITIES } from '@ctxlock/provider-kit'
import { expect, test } from 'vitest'

import { EMBEDDED_PROVIDER } from '../workspace/default-config.ts'
import { providerEmbedder, type EmbeddingRequest } from './provider-embedder.ts'

const USAGE = { inputTokens: 1, outputTokens: 0, totalTokens: 1, cachedInputTokens: null, reasoningTokens: null }
const MODEL = {
  provider: EMBEDDED_PROVIDER,
  modelId: 'm',
  dimensions: undefined,
  prefixes: { query: '', passage: '' },
}

/** The two doors of a client that an embedder uses, and the model's limit. */
function embedderOver({
  embed = async (input) => vectors(input),
  show = async () => ({ id: 'm' }),
  list = true,
}: {
  embed?: (input: readonly string[]) => Promise<EmbeddingResult>
  show?: LlmClient['showModel']
  list?: boolean
}) {
  const requests: EmbeddingRequest[] = []
  const unused = () => {
    throw new Error('an embedder does not use this')
  }
  const client: LlmClient = {
    providerId: 'p',
    displayName: 'p',
    capabilities: { ...NO_CAPABILITIES, embed: true, list },
    profile: (model) => ({
      model_id: model,
      max_context_tokens: 256,
      model_tier: 'local',
      parameter_class: 'PUnknown',
    }),
    showModel: show,
    embed: ({ input }) => embed(input),
    prepareChat: unused,
    prepareCompletion: unused,
    listModels: unused,
    listRunning: unused,
    load: unused,
    unload: unused,
    health: unused,
    close: unused,
  }
  const embedder = providerEmbedder({
    id: 'p/m',
    model: MODEL,
    client,
    clock: { now: () => 0, monotonic: () => 0 },
    signal: new AbortController().signal,
    onRequest: (request) => requests.push(request),
  })
  return { embedder, requests }
}

function vectors(input: readonly string[]): EmbeddingResult {
  const embeddings = input.map((text) => [text.length])
  return { embeddings, usage: { ...USAGE, source: 'provider', complete: true }, responseModel: null }
}

const overflow = new ProviderError('context_overflow', 'too long')

test('texts that are too long are halved until they fit, and the others stay whole', async () => {
  const { embedder, requests } = embedderOver({
    embed: async (input) => {
      if (input.some(({ length }) => length > 300)) throw overflow
      return vectors(input)
    },
  })
  expect(await embedder.embed(['a', 'b'.repeat(1000), 'c'.repeat(300)])).toEqual([[1], [250], [300]])
  expect(requests.map(({ texts }) => texts.map(({ length }) => length))).toEqual([
    [1, 1000, 300],
    [1],
    [1000],
    [500],
    [250],
    [300],
  ])
})

test('no more leaves than the model takes by its profile, and no half of a character', async () => {
  const { embedder, requests } = embedderOver({})
  await embedder.embed([`a${'😀'.repeat(5000)}`])
  const [sent = ''] = requests[0]?.texts ?? []
  expect([sent.length, sent.isWellFormed()]).toEqual([1024, true])
})

test('a text that never fits is refused after a few tries', async () => {
  const { embedder, requests } = embedderOver({ embed: () => Promise.reject(overflow) })
  await expect(embedder.embed(['x'.repeat(1000)])).rejects.toBe(overflow)
  expect(requests).toHaveLength(5)
})

test('a plugin that throws something else is a failed provider, and its words are not repeated', async () => {
  const { embedder, requests } = embedderOver({ embed: () => Promise.reject(new TypeError('the text was: x')) })
  await expect(embedder.embed(['x'])).rejects.toMatchObject({
    code: 'protocol',
    message: 'The provider plugin failed.',
  })
  expect(requests).toHaveLength(1)
})

test('what was refused on this machine is told to nobody: nothing was sent', async () => {
  const refusal = new ProviderError('ssrf_blocked', 'no', { attempts: 0 })
  const { embedder, requests } = embedderOver({ embed: () => Promise.reject(refusal) })
  await expect(embedder.embed(['x'])).rejects.toBe(refusal)
  expect(requests).toEqual([])
})

test.each<[string, Parameters<typeof embedderOver>[0], string | undefined]>([
  ['its digest', { show: async () => ({ id: 'm', digest: 'sha256:ab12', sizeBytes: 7 }) }, 'sha256:ab12'],
  ['its size', { show: async () => ({ id: 'm', sizeBytes: 7 }) }, '7'],
  ['nothing', {}, undefined],
  [
    'nothing, for the server does not list it',
    { show: () => Promise.reject(new ProviderError('model_not_found', '')) },
    undefined,
  ],
  ['nothing, for the server has no list', { list: false }, undefined],
])('the revision of a model is %s', async (_, options, revision) => {
  expect(await embedderOver(options).embedder.revision()).toBe(revision)
})

test('a digest that is none is shown by its hash only', async () => {
  const { embedder } = embedderOver({ show: async () => ({ id: 'm', digest: '\u001b[2J' }) })
  expect(await embedder.revision()).toMatch(/^[0-9a-f]{64}$/)
})

test.each<[string, LlmClient['showModel'], object]>([
  ['runs elsewhere', async () => ({ id: 'm', remote: true }), { code: 'HSK-403-CONSENT-MISSING', exit: 4 }],
  ['cannot be asked about', () => Promise.reject(new ProviderError('network', 'gone')), { code: 'network' }],
])('a model that %s has no revision', async (_, show, error) => {
  await expect(embedderOver({ show }).embedder.revision()).rejects.toMatchObject(error)
})
