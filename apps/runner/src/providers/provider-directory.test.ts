import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { createRegistry } from '@ctxlock/plugin-api'
import { openAiCompatPlugin } from '@ctxlock/provider-openai-compat'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { expect, test } from 'vitest'

import { createProviderDirectory } from './provider-directory.ts'

const { clock, random, timers } = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })

/** A directory that may read every variable; what it hands out is up to the provider. */
function requireSecret(base_url: string, name: string): void {
  const directory = createProviderDirectory({
    environment: { clock, random, timers },
    plugins: createRegistry([{ source: 'test', plugin: openAiCompatPlugin }]),
    variables: { [name]: 'the-value-of-it' },
    onNetworkException: () => {},
  })
  const provider: ProviderConfig = {
    provider_id: 'far',
    kind: 'openai_compat',
    declared_tier: 'cloud',
    base_url,
    secret_ref: { source: 'env', name },
    default_model_id: 'm1',
    models: [],
    network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
    enabled: true,
  }
  directory.requireSecret(provider)
}

test('a key is read from the variable of its host, from one set for ctxlock, and from any for a server on this machine', () => {
  expect(() => requireSecret('https://api.openai.com/v1', 'OPENAI_API_KEY')).not.toThrow()
  expect(() => requireSecret('https://llm.example/v1', 'CTXLOCK_EXAMPLE_KEY')).not.toThrow()
  expect(() => requireSecret('http://127.0.0.1:8080', 'WHATEVER')).not.toThrow()
})

test('a config cannot have another variable sent to a host of its choice, and the refusal shows no value', () => {
  const refusal = () => requireSecret('https://evil.example/v1', 'AWS_SECRET_ACCESS_KEY')
  expect(refusal).toThrow(
    expect.objectContaining({
      code: 'invalid_config',
      attempts: 0,
      reason: 'secret_name',
      message: expect.stringContaining('for its host the variable is called CTXLOCK_*'),
    }),
  )
  expect(refusal).not.toThrow(/the-value-of-it/)
})
