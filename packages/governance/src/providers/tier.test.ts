import { describe, expect, it } from 'vitest'

import { CLOUD, classifyHost, provider } from '../__fixtures__/providers.ts'
import { parameterClass } from './parameter-class.ts'
import { effectiveTier } from './tier.ts'

const tierOf = (changes: Parameters<typeof provider>[1], model_id = 'small', remote?: boolean) =>
  effectiveTier(provider('p', changes), { model_id, ...(remote !== undefined && { remote }) }, classifyHost)
const listed = (...allow_private_hosts: string[]) => ({
  network: { allow_private_hosts, allow_ports: [], redirects: 'deny' as const },
})

describe('effectiveTier (PROV-045)', () => {
  it('is local on loopback and without a network', () => {
    expect(tierOf({})).toEqual({ accepted: true, tier: 'local' })
    expect(tierOf({ base_url: 'http://localhost:11434' })).toEqual({ accepted: true, tier: 'local' })
    expect(tierOf({ base_url: null })).toEqual({ accepted: true, tier: 'local' })
  })

  it('is cloud where cloud is declared, loopback or not', () => {
    expect(tierOf(CLOUD)).toEqual({ accepted: true, tier: 'cloud' })
    expect(tierOf({ declared_tier: 'cloud' })).toEqual({ accepted: true, tier: 'cloud' })
    expect(tierOf({ declared_tier: 'cloud', base_url: null })).toEqual({ accepted: true, tier: 'cloud' })
  })

  it('T-X-PROV-04 refuses a public host declared local, so that no consent is skipped', () => {
    for (const base_url of ['https://api.example.com', 'http://8.8.8.8:11434', 'http://ollama.example.com:11434']) {
      expect(tierOf({ base_url })).toEqual({
        accepted: false,
        code: 'HSK-403-TIER-MISMATCH',
        reason: 'public_host_declared_local',
      })
    }
    // Nor does listing it as a private host help.
    expect(tierOf({ base_url: 'http://8.8.8.8:11434', ...listed('8.8.8.8:11434') })).toMatchObject({ accepted: false })
  })

  it.each([
    ['http://192.168.1.5:11434', '192.168.1.5:11434'],
    ['http://box.lan', 'box.lan:80'],
    ['https://box.lan', 'box.lan:443'],
    ['https://BOX.lan./v1', 'Box.lan:443'],
  ])('accepts the private host %s when %s is listed', (base_url, entry) => {
    expect(tierOf({ base_url, ...listed(entry) })).toEqual({ accepted: true, tier: 'local' })
  })

  it.each([
    ['no entry', []],
    ['another port', ['192.168.1.5:11435']],
    ['another host', ['192.168.1.6:11434']],
    ['no port', ['192.168.1.5']],
    ['a wildcard', ['*']],
    ['a suffix', ['1.5:11434']],
  ])('refuses a private host with %s', (_, entries) => {
    expect(tierOf({ base_url: 'http://192.168.1.5:11434', ...listed(...entries) })).toEqual({
      accepted: false,
      code: 'HSK-403-TIER-MISMATCH',
      reason: 'private_host_not_listed',
    })
  })

  it('refuses a URL that cannot be used', () => {
    expect(tierOf({ base_url: 'not a url' })).toMatchObject({ accepted: false, code: 'HSK-400-PROVIDER-CONFIG' })
    expect(tierOf({ base_url: 'not a url', declared_tier: 'cloud' })).toMatchObject({ accepted: false })
  })

  it.each(['kimi-k2:cloud', 'gpt-oss:120b-cloud', 'Qwen3-Coder:480B-CLOUD', 'glm-cloud', 'cloud', ' x:cloud '])(
    'counts %s as cloud on loopback',
    (model) => {
      expect(tierOf({}, model)).toEqual({ accepted: true, tier: 'cloud' })
      expect(tierOf({ base_url: null }, model)).toEqual({ accepted: true, tier: 'cloud' })
    },
  )

  it.each(['cloudy', 'cloud-7b', 'small:cloudless', 'nimbus', 'my_cloud'])('does not count %s', (model) => {
    expect(tierOf({}, model)).toEqual({ accepted: true, tier: 'local' })
  })

  it('counts a model whose record says it is remote, or whose alias is a cloud name', () => {
    expect(tierOf({}, 'small', true)).toEqual({ accepted: true, tier: 'cloud' })
    expect(tierOf({}, 'small', false)).toEqual({ accepted: true, tier: 'local' })
    const models = [{ model_id: 'small', aliases: ['small:cloud'] }]
    expect(tierOf({ models })).toEqual({ accepted: true, tier: 'cloud' })
    expect(tierOf({ models }, 'other')).toEqual({ accepted: true, tier: 'local' })
  })
})

describe('parameterClass (PROV-010)', () => {
  it.each([
    [0.5, 'P7B'],
    [9, 'P7B'],
    [9.1, 'P13B'],
    [20, 'P13B'],
    [20.1, 'P32B'],
    [48, 'P32B'],
    [48.1, 'P72B'],
    [90, 'P72B'],
    [90.1, 'P110B'],
    [671, 'P110B'],
    [null, 'PUnknown'],
    [0, 'PUnknown'],
    [-7, 'PUnknown'],
    [Number.NaN, 'PUnknown'],
  ] as const)('of %s billion is %s', (billions, expected) => {
    expect(parameterClass(billions)).toBe(expected)
  })
})
