import { providerConformance } from '@ctxlock/plugin-api/testing'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { openAiModelsPlugin } from '../test/openai-models.ts'

const chunk = (choice: object, rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [{ index: 0, ...choice }], ...rest })}\n\n`

const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }
const whole = (message: object, usage: object = USAGE): string =>
  JSON.stringify({
    id: 'c1',
    model: 'm1',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop' }],
    usage,
  })

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
    body: whole({ content: 'Grüße 🦙' }),
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
      `data: ${JSON.stringify({ id: 'c1', model: 'm1', choices: [], usage: USAGE })}\n\n`,
      'data: [DONE]\n\n',
    ].join(''),
    text: 'Grüße 🦙',
  },
  completion: { body: whole({ content: 'Once upon a time' }), text: 'Once upon a time' },
  calls: ({ name, arguments: args }) =>
    whole({ tool_calls: [{ id: 'a', type: 'function', function: { name, arguments: JSON.stringify(args) } }] }),
  says: (content) => whole({ content }),
  reasoned: { body: whole({ content: 'Yes.', reasoning_content: 'Hm.' }), text: 'Yes.', reasoning: 'Hm.' },
  counts: ({ inputTokens, outputTokens, cachedInputTokens }) =>
    whole(
      { content: 'Yes.' },
      {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        prompt_tokens_details: { cached_tokens: cachedInputTokens },
      },
    ),
  embeddings: (vectors) =>
    JSON.stringify({
      object: 'list',
      model: 'm1',
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }),
  errorBody: (message) => JSON.stringify({ error: { message, type: 'some_error', param: null, code: null } }),
})

/** The SDK writes the wire body itself; what holds instead is in `test/wire.test.ts`. */
const IS_OWN_WIRE = /^request: the bytes that leave are the prepared bytes/

for (const { name, run } of cases) if (!IS_OWN_WIRE.test(name)) test(name, run)
