import { providerConformance } from '@ctxlock/plugin-api/testing'
import { CHAT_COMPLETIONS, HTTP_TARGET } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { openAiCompatPlugin } from './index.ts'

const cases = providerConformance({
  plugin: openAiCompatPlugin,
  ...HTTP_TARGET,
  ...CHAT_COMPLETIONS,
  models: (ids) => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }),
  embeddings: (vectors) =>
    JSON.stringify({
      object: 'list',
      model: 'm1',
      // Not in order: the index decides.
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).toReversed(),
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }),
  hygieneCalls: Number(process.env['CTXLOCK_HYGIENE_CALLS'] ?? 100),
})

for (const { name, run } of cases) test(name, run)
