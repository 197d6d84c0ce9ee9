import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { GateType } from '@ctxlock/contracts/gate-decision'
import { AutomationLevel } from '@ctxlock/contracts/primitives'

import { gateApprover, type GateApprover } from './gate-approver.ts'

const LEVELS = ['FULL_HUMAN', 'HYBRID', 'AUTONOMOUS', 'LOCKED'] as const

/** The table of spec 06 section 9, one line for each side of every threshold. */
const TABLE: readonly (readonly [GateType, number | undefined, readonly GateApprover[]])[] = [
  ['spec_approval', undefined, ['human', 'human', 'automatic', 'halt']],
  ['spec_approval', 0, ['human', 'human', 'automatic', 'halt']],
  ['spec_approval', 0.799, ['human', 'human', 'automatic', 'halt']],
  ['spec_approval', 0.8, ['human', 'automatic', 'automatic', 'automatic']],
  ['spec_approval', 1, ['human', 'automatic', 'automatic', 'automatic']],
  ['refinement_sign', 0.899, ['human', 'human', 'automatic', 'halt']],
  ['refinement_sign', 0.9, ['human', 'automatic', 'automatic', 'automatic']],
  ['scope_change', undefined, ['human', 'human', 'human', 'halt']],
  ['scope_change', 0.949, ['human', 'human', 'human', 'halt']],
  ['scope_change', 0.95, ['human', 'human', 'automatic', 'automatic']],
  ['scope_change', 1, ['human', 'human', 'automatic', 'automatic']],
  ['cloud_escalation', 1, ['human', 'human', 'human', 'blocked']],
  ['policy_violation', 1, ['human_review', 'human_review', 'human_review', 'halt']],
]

describe('T-GOV-001 gateApprover (PROV-060, PROV-061)', () => {
  it.each(TABLE)('%s at confidence %s', (gate, confidence, expected) => {
    expect(LEVELS.map((level) => gateApprover(level, gate, confidence))).toEqual(expected)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.0001, 95])('takes the confidence %s as none', (confidence) => {
    expect(gateApprover('HYBRID', 'spec_approval', confidence)).toBe('human')
    expect(gateApprover('AUTONOMOUS', 'scope_change', confidence)).toBe('human')
    expect(gateApprover('LOCKED', 'refinement_sign', confidence)).toBe('halt')
  })

  it('never lets a machine approve a cloud escalation or a policy violation (PROV-047, PROV-074)', () => {
    const gate = fc.constantFrom<GateType>('cloud_escalation', 'policy_violation')
    fc.assert(
      fc.property(fc.constantFrom(...AutomationLevel.options), gate, fc.double(), (level, type, confidence) => {
        expect(gateApprover(level, type, confidence)).not.toBe('automatic')
      }),
      { seed: 6009 },
    )
  })
})
