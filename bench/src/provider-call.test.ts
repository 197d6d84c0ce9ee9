import { expect, test } from 'vitest'

import { compare } from './provider-call.ts'

test('every client gets the whole answer and a first piece of a streamed one', async () => {
  const { rows } = await compare(2)
  expect(rows.map(({ client }) => client)).toEqual([
    'undici',
    'undici and two durable commits (limit)',
    'ctxlock adapter',
    'ctxlock provider-ai-sdk',
    'openai',
    'AI SDK',
    'LangChain',
    'ctxlock governed call',
  ])
  for (const { answer_ms, first_piece_ms, streamed_ms } of rows) {
    expect(Math.min(answer_ms, first_piece_ms)).toBeGreaterThan(0)
    expect(streamed_ms).toBeGreaterThanOrEqual(first_piece_ms)
  }
})
