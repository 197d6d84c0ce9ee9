import { providerConformance } from '@ctxlock/plugin-api/testing'
import { HTTP_TARGET } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { ollamaPlugin } from './index.ts'

const line = (members: object): string =>
  `${JSON.stringify({ model: 'm1', created_at: '2026-11-20T10:00:00Z', ...members })}\n`
const end = { done: true, done_reason: 'stop', prompt_eval_count: 12, eval_count: 3, total_duration: 5_000_000 }

const listed = (ids: readonly string[]): string =>
  JSON.stringify({ models: ids.map((id) => ({ name: id, model: id })) })

const cases = providerConformance({
  plugin: ollamaPlugin,
  ...HTTP_TARGET,
  answer: {
    headers: { 'content-type': 'application/json' },
    body: line({ message: { role: 'assistant', content: 'Grüße 🦙' }, ...end }),
    text: 'Grüße 🦙',
  },
  stream: {
    headers: { 'content-type': 'application/x-ndjson' },
    body: [
      line({ message: { role: 'assistant', content: 'Grü' }, done: false }),
      line({ message: { role: 'assistant', content: 'ße 🦙' }, done: false }),
      line({ message: { role: 'assistant', content: '' }, ...end }),
    ].join(''),
    text: 'Grüße 🦙',
  },
  completion: { body: line({ response: 'Once upon a time', ...end }), text: 'Once upon a time' },
  calls: (call) => line({ message: { role: 'assistant', content: '', tool_calls: [{ function: call }] }, ...end }),
  streamedCalls: (call) =>
    [
      line({ message: { role: 'assistant', content: '', tool_calls: [{ function: call }] }, done: false }),
      line({ message: { role: 'assistant', content: '' }, ...end }),
    ].join(''),
  says: (content) => line({ message: { role: 'assistant', content }, ...end }),
  reasoned: {
    body: line({ message: { role: 'assistant', thinking: 'Hm.', content: 'Yes.' }, ...end }),
    text: 'Yes.',
    reasoning: 'Hm.',
  },
  counts: ({ inputTokens, outputTokens }) =>
    line({
      message: { role: 'assistant', content: 'Yes.' },
      ...end,
      prompt_eval_count: inputTokens,
      eval_count: outputTokens,
    }),
  models: listed,
  loading: {
    loaded: line({ response: '', done: true, done_reason: 'load' }),
    unloaded: line({ response: '', done: true, done_reason: 'unload' }),
    running: listed,
  },
  embeddings: (vectors) => JSON.stringify({ model: 'm1', embeddings: vectors, prompt_eval_count: 9 }),
  hygieneCalls: Number(process.env['CTXLOCK_HYGIENE_CALLS'] ?? 100),
  errorBody: (message) => JSON.stringify({ error: message }),
})

for (const { name, run } of cases) test(name, run)
