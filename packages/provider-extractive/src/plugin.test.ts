import { expect, test } from 'vitest'

import { extractivePlugin } from './plugin.ts'

test('a provider plugin that can be listed without being started', () => {
  expect(extractivePlugin).toMatchObject({ apiVersion: 'ctxlock.plugin@1', kind: 'provider', name: 'extractive' })
})

test.each([
  [{ provider_id: 'builtin' }, true],
  [{ provider_id: 'builtin', models: [{ model_id: 'extractive', max_context_tokens: 8192 }] }, true],
  [{ provider_id: 'Built in' }, false],
  [{ provider_id: 'builtin', base_url: 'http://127.0.0.1' }, false],
  [{}, false],
])('the options %j are valid: %s', async (options, valid) => {
  const result = await extractivePlugin.options['~standard'].validate(options)
  expect(result.issues === undefined).toBe(valid)
})
