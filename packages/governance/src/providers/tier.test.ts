import { describe, expect, it } from 'vitest'

import { deriveTier, provider } from '../__fixtures__/providers.ts'
import { parameterClass } from './parameter-class.ts'
import { effectiveTier } from './tier.ts'

const LOCAL = { accepted: true, tier: 'local' }
const CLOUD = { accepted: true, tier: 'cloud' }

const tierOf = (changes: Parameters<typeof provider>[1], model_id = 'small', remote?: boolean) =>
  effectiveTier(provider('p', changes), { model_id, ...(remote !== undefined && { remote }) }, deriveTier)

describe('effectiveTier (PROV-045)', () => {
  it('is what the network policy makes of the entry', () => {
    const asked: unknown[] = []
    const entry = provider('p')
    for (const decision of [
      { accepted: true, tier: 'local' },
      { accepted: true, tier: 'cloud' },
      { accepted: false, code: 'HSK-403-SSRF', reason: 'address' },
    ] as const) {
      const answer = effectiveTier(entry, { model_id: 'small' }, (given) => (asked.push(given), decision))
      expect(answer).toEqual(decision)
    }
    expect(asked).toEqual([entry, entry, entry])
  })

  it('T-X-PROV-04 refuses a public host declared local, whatever its model is called, so that no consent is skipped', () => {
    const refused = { accepted: false, code: 'HSK-403-TIER-MISMATCH', reason: 'tier_mismatch' }
    for (const [model, remote] of [['small'], ['x:cloud'], ['small', true]] as const)
      expect(tierOf({ base_url: 'https://api.example.com' }, model, remote)).toEqual(refused)
  })

  it.each(['kimi-k2:cloud', 'gpt-oss:120b-cloud', 'Qwen3-Coder:480B-CLOUD', 'glm-cloud', 'cloud', ' x:cloud '])(
    'counts %s as cloud on loopback',
    (model) => {
      expect(tierOf({}, model)).toEqual(CLOUD)
      expect(tierOf({ base_url: null }, model)).toEqual(CLOUD)
    },
  )

  it.each(['cloudy', 'cloud-7b', 'small:cloudless', 'nimbus', 'my_cloud'])('does not count %s', (model) => {
    expect(tierOf({}, model)).toEqual(LOCAL)
  })

  it('counts a model whose record says it is remote, or whose alias is a cloud name', () => {
    expect(tierOf({}, 'small', true)).toEqual(CLOUD)
    expect(tierOf({}, 'small', false)).toEqual(LOCAL)
    const models = [{ model_id: 'small', aliases: ['small:cloud'] }]
    expect(tierOf({ models })).toEqual(CLOUD)
    expect(tierOf({ models }, 'other')).toEqual(LOCAL)
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
