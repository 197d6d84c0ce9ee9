import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CLOUD, KINDS, provider, redactor, registry } from '../__fixtures__/providers.ts'
import { GovernanceError } from '../governance-error.ts'
import { findProvider, parseProviders, providersOfModel, readRegistry, serializeRegistry } from './provider-registry.ts'
import { exportRegistry } from './registry-export.ts'

const OPTIONS = { redactor, kinds: KINDS }

describe('parseProviders (PROV-024..PROV-027)', () => {
  it('sorts by id and hashes the whole, whatever the order of entries', () => {
    const entries = [provider('b'), provider('a', CLOUD), provider('c')]
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 3 }), (shuffled) => {
        const parsed = registry(...shuffled)
        expect(parsed.providers.map(({ provider_id }) => provider_id)).toEqual(['a', 'b', 'c'])
        expect(parsed.hash).toBe(registry(...entries).hash)
      }),
      { seed: 6025 },
    )
    expect(registry(provider('a')).hash).not.toBe(registry(provider('a', { enabled: false })).hash)
  })

  it('cannot be changed after it was validated', () => {
    const [entry] = registry(
      provider('a', { network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' } }),
    ).providers
    expect(Object.isFrozen(entry)).toBe(true)
    expect(() => entry?.network.allow_private_hosts.push('10.0.0.1:80')).toThrowError(TypeError)
  })

  it.each<[string, unknown, string]>([
    ['a duplicate id', [provider('a'), provider('a', CLOUD)], 'providers.1.provider_id'],
    ['an unknown field', [{ ...provider('a'), role: 'worker' }], 'providers.0'],
    ['an unknown kind', [provider('a', { kind: 'mystery' })], 'providers.0.kind'],
    ['an id that is none', [provider('A b')], 'providers.0.provider_id'],
    ['a model listed twice', [provider('a', { models: [{ model_id: 'm' }, { model_id: 'm' }] })], 'providers.0.models'],
    ['redirects', [{ ...provider('a'), network: { ...provider('a').network, redirects: 'follow' } }], 'redirects'],
    ['user info', [provider('a', { base_url: 'https://u:p@host.example' })], 'providers.0.base_url'],
    ['a query', [provider('a', { base_url: 'https://host.example/?a=1' })], 'providers.0.base_url'],
    ['a fragment', [provider('a', { base_url: 'https://host.example/#a' })], 'providers.0.base_url'],
    ['another scheme', [provider('a', { base_url: 'file:///etc/passwd' })], 'providers.0.base_url'],
    ['no URL', [provider('a', { base_url: 'host.example' })], 'providers.0.base_url'],
    ['a secret in a URL', [provider('a', { base_url: 'https://host.example/sk-canary0123456789' })], 'secret_api_key'],
    ['a secret in a model id', [provider('a', { default_model_id: 'sk-canary0123456789' })], 'secret_api_key'],
    ['a secret deep in options', [provider('a', { options: { a: [{ b: 'AKIAABCDEFGHIJKLMNOP' }] } })], 'secret_aws'],
    ['an option that is named like one', [provider('a', { options: { api_key: 'hunter2' } })], 'secret_password'],
    ['a secret as a name', [provider('a', { options: { 'sk-canary0123456789': true } })], 'secret_api_key'],
    ['a secret in a field that is not ours', [{ ...provider('a'), x: 'sk-canary0123456789' }], 'secret_api_key'],
  ])('refuses %s', (_, value, problem) => {
    const error = errorOf(() => parseProviders(value, OPTIONS))
    expect(error.code).toBe('REGISTRY_INVALID')
    expect(error.problems.join('\n')).toContain(problem)
    expect(error.message).not.toMatch(/canary|hunter2|AKIAAB|u:p@/)
  })

  it.each([undefined, null, {}, 'providers', 7])('refuses %j as a list', (value) => {
    expect(errorOf(() => parseProviders(value, OPTIONS)).code).toBe('REGISTRY_INVALID')
  })

  it('names every problem at once', () => {
    const error = errorOf(() => parseProviders([provider('a', { kind: 'x' }), null, provider('a')], OPTIONS))
    expect(error.problems).toEqual([
      expect.stringMatching(/^providers\.0\.kind: /),
      expect.stringMatching(/^providers\.1: /),
      expect.stringMatching(/^providers\.2\.provider_id: /),
    ])
  })

  it('finds providers by id and by model', () => {
    const parsed = registry(
      provider('a', { default_model_id: 'm1' }),
      provider('b', { models: [{ model_id: 'm1' }, { model_id: 'm2' }] }),
      provider('c', { enabled: false, default_model_id: 'm2' }),
    )
    expect(findProvider(parsed, 'b')?.provider_id).toBe('b')
    expect(findProvider(parsed, 'z')).toBeUndefined()
    expect(providersOfModel(parsed, 'm1').map(({ provider_id }) => provider_id)).toEqual(['a', 'b'])
    expect(providersOfModel(parsed, 'm2').map(({ provider_id }) => provider_id)).toEqual(['b', 'c'])
    expect(providersOfModel(parsed, 'm3')).toEqual([])
  })
})

describe('the stored registry (PROV-025)', () => {
  it('survives being written and read', () => {
    const parsed = registry(provider('b'), provider('a', CLOUD))
    expect(readRegistry(Buffer.from(serializeRegistry(parsed)), OPTIONS)).toEqual(parsed)
  })

  it.each<[string, (text: string) => string]>([
    ['changed', (text) => text.replace('11434', '11435')],
    ['given another hash', (text) => text.replace(/"registry_hash":"[^"]*"/, `"registry_hash":"${'0'.repeat(64)}"`)],
    ['robbed of its hash', (text) => text.replace(/"registry_hash":"[^"]*",/, '')],
    ['given a field', (text) => text.replace('{', '{"a":1,')],
    ['given another schema', (text) => text.replace('registry@1', 'registry@2')],
    ['reformatted', (text) => JSON.stringify(JSON.parse(text), null, 2)],
    ['cut off', (text) => text.slice(0, -1)],
    ['replaced by a list', () => '[]'],
    ['emptied', () => ''],
  ])('is refused when it was %s', (_, change) => {
    const text = serializeRegistry(registry(provider('a')))
    expect(errorOf(() => readRegistry(Buffer.from(change(text)), OPTIONS)).code).toBe('REGISTRY_ALTERED')
  })
})

describe('T-X-PROV-10 exportRegistry (PROV-028)', () => {
  it('shows neither key nor its name, no URL credentials, no option value', () => {
    const options = { headers: { 'x-team': 'canary-header' }, profile: 'canary-option' }
    const parsed = registry(
      provider('a', { ...CLOUD, secret_ref: { source: 'env', name: 'CANARY_KEY' }, options }),
      provider('b'),
    )
    // As if it had been stored by something that did not check.
    const [first, second] = parsed.providers
    const hostile = {
      ...parsed,
      providers: [
        { ...(first ?? provider('a')), base_url: 'https://user:canary@host.example/v1?k=canary#canary' },
        second ?? provider('b'),
      ],
    }
    const exported = exportRegistry(hostile, ({ name }) => name === 'CANARY_KEY')
    expect(JSON.stringify(exported)).not.toMatch(/canary/i)
    expect(exported[0]).toMatchObject({
      base_url: 'https://host.example/v1',
      secret_ref: { source: 'env', present: true },
      option_names: ['headers', 'profile'],
      header_names: ['x-team'],
    })
    expect(exported[1]).toMatchObject({ secret_ref: null, option_names: [], header_names: [] })
    expect(exportRegistry(parsed, () => false)[0]?.secret_ref).toEqual({ source: 'env', present: false })
  })

  it('shows no URL where there is none', () => {
    expect(exportRegistry(registry(provider('a', { base_url: null })), () => false)[0]?.base_url).toBeNull()
  })
})

function errorOf(action: () => unknown): GovernanceError {
  try {
    action()
  } catch (error) {
    if (error instanceof GovernanceError) return error
    throw error
  }
  return expect.unreachable('expected a refusal')
}
