import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { measure } from './provider-cases.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measure-provider-cases-'))
})
afterAll(() => rm(folder, { recursive: true }))

const ask = { op: 'chat', model: 'm1', messages: [{ role: 'user', content: 'hi' }] }
const json = { 'content-type': 'application/json' }
const whole = JSON.stringify({
  id: 'c',
  model: 'm1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
})
const half = 'data: {"id":"c","model":"m1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}\n\n'

const CASES = [
  {
    id: 'answers',
    provider: 'openai-compat',
    input: ask,
    server: [{ status: 200, headers: json, chunks: [{ text: whole }] }],
    expect: { ok: true, text: 'Hello', finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 1 } },
  },
  {
    id: 'breaks off',
    provider: 'openai-compat',
    input: { ...ask, stream: true },
    server: [{ status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: [{ text: half }] }],
    expect: { ok: false, error: { code: 'stream_truncated', retryable: true, partialText: 'Hel' } },
  },
  {
    id: 'refuses',
    provider: 'ollama',
    input: ask,
    server: [{ status: 404, headers: json, chunks: [{ text: '{"error":"model \'m1\' not found"}' }] }],
    expect: { ok: false, error: { code: 'model_not_found', retryable: false } },
  },
  {
    id: 'expects the impossible',
    provider: 'ollama',
    input: ask,
    server: [{ status: 500, headers: json, chunks: [{ text: '{"error":"no"}' }] }],
    expect: { ok: true, text: 'yes' },
  },
]

test('plays every case, names those that failed, and plays the peers beside it', async () => {
  const path = join(folder, 'cases.json')
  await writeFile(path, JSON.stringify({ cases: CASES }))
  const { peers = [], ...result } = await measure(['--cases', path, '--peers'])
  expect(result).toEqual({
    total: 4,
    passed: 3,
    failed: ['expects the impossible'],
    aspects: {
      'error.code': { total: 2, met: 2 },
      'error.retryable': { total: 2, met: 2 },
      usage: { total: 1, met: 1 },
      warnings: { total: 0, met: 0 },
    },
  })
  // The client that is read chunk by chunk takes half an answer for a whole one.
  expect(peers.map(({ client, played, passed }) => ({ client, played, passed }))).toEqual([
    { client: 'openai', played: 2, passed: 1 },
    { client: 'ai + @ai-sdk/openai-compatible', played: 2, passed: 2 },
    { client: 'ollama', played: 2, passed: 1 },
    { client: 'ai + ollama-ai-provider-v2', played: 2, passed: 1 },
  ])
})
