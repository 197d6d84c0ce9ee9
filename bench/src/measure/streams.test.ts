import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { measure } from './streams.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measure-streams-'))
})
afterAll(() => rm(folder, { recursive: true }))

const input = { op: 'chat', model: 'm1', stream: true, messages: [{ role: 'user', content: 'hi' }] }
const sse = (...data: readonly object[]) =>
  [...data.map((item) => JSON.stringify(item)), '[DONE]'].map((item) => `data: ${item}\r\n\r\n`)
const delta = (content: string, finish_reason: string | null = null) => ({
  model: 'm1',
  choices: [{ index: 0, delta: { content }, finish_reason }],
})
const line = (content: string, rest: object) =>
  JSON.stringify({ model: 'm1', message: { role: 'assistant', content }, ...rest })

const CASES = [
  {
    id: 'events',
    provider: 'openai-compat',
    input,
    server: [
      {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        chunks: sse(delta('Grü'), delta('ße 🦙'), delta('', 'stop')).map((text) => ({ text })),
      },
    ],
  },
  {
    id: 'lines',
    provider: 'ollama',
    input,
    server: [
      {
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        chunks: [
          { text: `${line('Grü', { done: false })}\n` },
          { text: line('ße', { done: true, done_reason: 'stop' }) },
        ],
      },
    ],
  },
  {
    id: 'not a stream',
    provider: 'ollama',
    input: { ...input, stream: false },
    server: [{ status: 200, chunks: [{ text: '{}' }] }],
  },
]

test('cuts and damages every recorded stream, and no other answer', async () => {
  const path = join(folder, 'cases.json')
  await writeFile(path, JSON.stringify({ cases: CASES }))
  const { streams, splits, cuts, damaged, failed } = await measure(['--cases', path])
  expect({ streams, splits, failed }).toEqual({ streams: 2, splits: { total: 100, faults: 0 }, failed: [] })
  const bytes = CASES.slice(0, 2).flatMap(({ server }) =>
    server.flatMap(({ chunks }) => chunks.map(({ text }) => Buffer.byteLength(text))),
  )
  const total = bytes.reduce((sum, length) => sum + length, 0)
  expect({ cuts, damaged }).toEqual({ cuts: { total, faults: 0 }, damaged: { total, faults: 0 } })
})
