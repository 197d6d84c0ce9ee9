import { describe, expect, it } from 'vitest'

import { parseAutomationLevel, parseGovernance } from './automation.ts'

describe('parseAutomationLevel (PROV-060, PROV-062)', () => {
  it('reads the levels and the two legacy names', () => {
    expect(
      ['FULL_HUMAN', 'HYBRID', 'AUTONOMOUS', 'LOCKED', 'ASSISTED', 'SUPERVISED'].map(parseAutomationLevel),
    ).toEqual(['FULL_HUMAN', 'HYBRID', 'AUTONOMOUS', 'LOCKED', 'HYBRID', 'HYBRID'])
  })

  it.each([undefined, null, '', 'hybrid', 'locked', 'FULL', 1, ['LOCKED'], {}])('refuses %j', (level) => {
    expect(() => parseAutomationLevel(level)).toThrowError(expect.objectContaining({ code: 'GOVERNANCE_INVALID' }))
  })
})

describe('parseGovernance', () => {
  it('maps the mode locked to the level LOCKED, whatever the level says (PROV-048)', () => {
    for (const level of ['AUTONOMOUS', undefined, 'nonsense']) {
      expect(parseGovernance({ mode: 'locked', level })).toEqual({ mode: 'gov_strict', level: 'LOCKED' })
    }
    expect(parseGovernance({ mode: 'gov_light', level: 'ASSISTED' })).toEqual({ mode: 'gov_light', level: 'HYBRID' })
  })

  it.each([
    { mode: undefined, level: 'HYBRID' },
    { mode: 'LOCKED', level: 'HYBRID' },
    { mode: 'gov_open', level: 'HYBRID' },
    { mode: 'gov_light', level: undefined },
  ])('has no permissive default for %j', (settings) => {
    expect(() => parseGovernance(settings)).toThrowError(expect.objectContaining({ code: 'GOVERNANCE_INVALID' }))
  })
})
