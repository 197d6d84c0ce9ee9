import { checkEvent } from '@ctxlock/contracts/events'
import { AutoSignature, GateType, GovernanceDecision } from '@ctxlock/contracts/gate-decision'
import { AutomationLevel } from '@ctxlock/contracts/primitives'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decideGate, type GateQuestion, type GateResult } from './gate-decision.ts'

const NOW = '2026-11-20T12:00:00.000Z'
const question = (changes: Partial<GateQuestion> = {}): GateQuestion => ({
  gate_type: 'spec_approval',
  target_ref: 'file:docs/plan.md',
  automation_level: 'HYBRID',
  confidence: 0.9,
  rationale: 'The plan names every file it changes.',
  evidence_refs: ['file:docs/plan.md'],
  model_id: 'judge:14b',
  ...changes,
})
const idsOf = ({ events }: GateResult) => events.map(({ fr_event_id }) => fr_event_id)

describe('decideGate', () => {
  it('T-GOV-002: an approval by a machine is a decision, signed, and every event names it', () => {
    const { approver, decision, signature, events } = decideGate(question(), NOW)
    expect(approver).toBe('automatic')
    expect(GovernanceDecision.parse(decision)).toEqual(decision)
    expect(AutoSignature.parse(signature)).toEqual(signature)
    const { decision_id, gate_type, target_ref, actor } = { ...decision }
    expect(signature).toMatchObject({ decision_id, gate_type, target_ref, actor })
    expect(decision).toMatchObject({ decision: 'approve', confidence: 0.9, actor: { model_id: 'judge:14b' } })
    for (const { payload } of events) expect(payload).toMatchObject({ decision_id, gate_type, target_ref })
    expect(decideGate(question(), '2026-11-21T12:00:00.000Z').decision?.decision_id).toBe(decision_id)
    expect(decideGate(question({ rationale: 'Other.' }), NOW).decision?.decision_id).not.toBe(decision_id)
  })

  it.each([
    ['spec_approval', 'HYBRID', 0.8],
    ['refinement_sign', 'HYBRID', 0.9],
    ['scope_change', 'AUTONOMOUS', 0.95],
    ['spec_approval', 'LOCKED', 0.8],
  ] as const)('T-GOV-003: %s under %s is signed at %f and not just below', (gate_type, automation_level, threshold) => {
    const at = (confidence: number) => decideGate(question({ gate_type, automation_level, confidence }), NOW)
    expect(at(threshold).signature).toBeDefined()
    expect(at(threshold - 1e-6).signature).toBeUndefined()
    expect(at(threshold - 1e-6).approver).toBe(automation_level === 'LOCKED' ? 'halt' : 'human')
  })

  it('T-GOV-003, T-GOV-004: no machine signs for the cloud or over a policy, at any level and confidence', () => {
    const gate = fc.constantFrom<GateType>('cloud_escalation', 'policy_violation')
    const confidence = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(gate, fc.constantFrom(...AutomationLevel.options), confidence, (gate_type, automation_level, of) => {
        const { signature, decision } = decideGate(question({ gate_type, automation_level, confidence: of }), NOW)
        expect(signature).toBeUndefined()
        expect(decision?.decision).not.toBe('approve')
      }),
      { seed: 6009 },
    )
    const forged = { ...decideGate(question(), NOW).signature, gate_type: 'cloud_escalation' }
    expect(AutoSignature.safeParse(forged).success).toBe(false)
  })

  it('T-GOV-005: the events are in the documented order, and fit the catalogue', () => {
    const results = GateType.options.flatMap((gate_type) =>
      AutomationLevel.options.map((automation_level) => decideGate(question({ gate_type, automation_level }), NOW)),
    )
    for (const result of results) {
      expect(idsOf(result)).toEqual(
        {
          automatic: ['FR-EVT-GOV-001', 'FR-EVT-GOV-003', 'FR-EVT-GOV-002'],
          human: ['FR-EVT-GOV-004'],
          human_review: ['FR-EVT-GOV-004'],
          halt: ['FR-EVT-GOV-001'],
          blocked: ['FR-EVT-GOV-001'],
        }[result.approver],
      )
      for (const event of result.events) expect(checkEvent({ ...ENVELOPE, ...event })).toMatchObject({ ok: true })
    }
    expect(new Set(results.map(({ approver }) => approver)).size).toBe(5)
  })

  it('puts a gate nobody may pass on record: deferred under LOCKED, rejected for the cloud (PROV-061)', () => {
    const locked = (gate_type: GateType) =>
      decideGate(question({ gate_type, automation_level: 'LOCKED', confidence: 0.1 }), NOW).decision?.decision
    expect(GateType.options.map(locked)).toEqual(['defer', 'defer', 'defer', 'reject', 'defer'])
  })

  it.each([Number.NaN, -0.1, 1.1, Infinity])('refuses the confidence %f', (confidence) => {
    expect(() => decideGate(question({ confidence }), NOW)).toThrow(
      expect.objectContaining({ code: 'GOVERNANCE_INVALID' }),
    )
  })
})

const ENVELOPE = {
  schema_version: 'hsk.fr_event@1',
  event_id: '00000000-0000-4000-8000-000000000001',
  trace_id: '00000000-0000-4000-8000-000000000002',
  timestamp: NOW,
  actor: 'system',
  salt: '0'.repeat(32),
  seq: 1,
  prev_hash: '0'.repeat(64),
  event_hash: '0'.repeat(64),
}
