import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ProviderConfig } from '@ctxlock/contracts/provider'
import { createRegistry, exportedPlugins } from '@ctxlock/plugin-api'
import { deriveTier, httpProviderOptions } from '@ctxlock/provider-kit'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { expect, test } from 'vitest'

import * as example from '../src/index.ts'

test('the configuration in the README starts the plugin', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [, config = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
  const entry = ProviderConfig.parse(JSON.parse(config).providers[0])
  const decision = deriveTier(entry)
  expect(decision).toEqual({ accepted: true, tier: 'local', usesException: false })
  const registry = createRegistry(exportedPlugins('your-package', example))
  const context = createTestContext({ baseUrl: entry.base_url ?? '' })
  const client = await registry.create('provider', entry.kind, httpProviderOptions(entry, 'local'), context)
  expect(client.prepareChat({ model: entry.default_model_id, messages: [{ role: 'user', content: 'Hi' }] }).url).toBe(
    'http://127.0.0.1:7000/generate',
  )
  await client.close()
})
