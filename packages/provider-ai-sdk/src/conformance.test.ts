import { providerConformance } from '@ctxlock/plugin-api/testing'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { openAiModelsPlugin } from '../test/openai-models.ts'

const chunk = (choice: object, rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [{ index: 0, ...choice }], ...rest })}\n\n`
const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }

const cases = providerConformance({
  plugin: openAiModelsPlugin,
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
      usage,
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
      `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [], usage })}\n\n`,
      'data: [DONE]\n\n',
    ].join(''),
    text: 'Grüße 🦙',
  },
  errorBody: (message) => JSON.stringify({ error: { message, type: 'some_error', param: null, code: null } }),
})

/** The SDK writes the wire body itself; what holds instead is in `test/wire.test.ts`. */
const IS_OWN_WIRE = /^request: the bytes that leave are the prepared bytes/

for (const { name, run } of cases) if (!IS_OWN_WIRE.test(name)) test(name, run)
