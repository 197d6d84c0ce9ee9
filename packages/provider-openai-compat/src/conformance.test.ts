import { providerConformance } from '@ctxlock/plugin-api/testing'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { openAiCompatPlugin } from './index.ts'

const chunk = (choice: object, rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [{ index: 0, ...choice }], ...rest })}\n\n`

const cases = providerConformance({
  plugin: openAiCompatPlugin,
  model: 'm1',
  options: ({ baseUrl, maxRetries, maxResponseBytes }) => ({
    provider_id: 'under-test',
    base_url: baseUrl,
    tier: 'local',
    max_retries: maxRetries,
    max_response_bytes: maxResponseBytes,
  }),
  context: createTestContext,
  answer: {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 'c1',
      model: 'm1',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße 🦙' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
    }),
    text: 'Grüße 🦙',
  },
  stream: {
    headers: { 'content-type': 'text/event-stream' },
    body: [
      ': ping\n\n',
      chunk({ delta: { role: 'assistant', content: '' } }),
      chunk({ delta: { content: 'Grü' } }),
      chunk({ delta: { content: 'ße 🦙' } }),
      chunk({ delta: {}, finish_reason: 'stop' }),
      `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [], usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 } })}\n\n`,
      'data: [DONE]\n\n',
    ].join(''),
    text: 'Grüße 🦙',
  },
  embeddings: (vectors) =>
    JSON.stringify({
      object: 'list',
      model: 'm1',
      // Not in order: the index decides.
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).toReversed(),
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }),
  errorBody: (message) => JSON.stringify({ error: { message, type: 'some_error', param: null, code: null } }),
})

for (const { name, run } of cases) test(name, run)
