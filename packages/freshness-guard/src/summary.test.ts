import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalHash } from '@ctxlock/core-hash'
import { ContextPackFreshnessRecord, ContextPackFreshnessSummary, StaleReason } from '@ctxlock/contracts/freshness'

import { recordOf } from './__fixtures__/freshness-record.ts'
import { rules } from './__fixtures__/workspace.ts'
import { recordedDecision, refuseStaleCall, warningTokens } from './recorded-decision.ts'
import { summarise } from './summary.ts'

const REQUIRED_DEGRADE = { regen_required: true, stale_handling: 'degrade_and_fallback' } as const

describe('summarise (FG-030, FG-033, FG-035, FG-036)', () => {
  it('tells "no pack" from "all packs fresh"', () => {
    const none = summarise([], rules())
    expect(none).toEqual({
      outcome: 'use_pack',
      degraded: false,
      warnings: [],
      summary: {
        examined: 0,
        fresh: 0,
        regenerated: 0,
        fallback: 0,
        degraded: 0,
        failed: 0,
        records_hash: canonicalHash([]),
        context_pack_stale_detected: false,
        context_pack_regen_allowed: true,
        context_pack_regen_required: false,
        context_pack_stale_handling: 'fallback',
        context_pack_regen_attempted: false,
        context_pack_regen_performed: false,
      },
    })
    const fresh = summarise([recordOf(rules(), 'fresh')], rules())
    expect(fresh.summary).toMatchObject({ examined: 1, fresh: 1, context_pack_stale_detected: false })
    expect(fresh.warnings).toEqual([])
    expect(ContextPackFreshnessSummary.safeParse(fresh.summary).success).toBe(true)
  })

  it('counts every outcome and ORs what happened', () => {
    const inForce = rules(REQUIRED_DEGRADE)
    const records = [
      recordOf(inForce, 'fresh'),
      recordOf(inForce, 'performed_fresh'),
      recordOf(inForce, 'attempted_failed'),
      recordOf(inForce, 'not_attempted'),
    ]
    const call = summarise(records, inForce)
    expect(call).toMatchObject({ outcome: 'degrade_and_fallback', degraded: true })
    expect(call.summary).toMatchObject({
      examined: 4,
      fresh: 1,
      regenerated: 1,
      degraded: 2,
      context_pack_stale_detected: true,
      context_pack_regen_required: true,
      context_pack_regen_attempted: true,
      context_pack_regen_performed: true,
      records_hash: canonicalHash(records),
    })
  })

  it.each([
    ['fallback', rules(), { fallback: 2, degraded: 0, failed: 0 }],
    ['fail', rules({ regen_required: true, stale_handling: 'fail' }), { fallback: 0, degraded: 0, failed: 2 }],
  ] as const)('counts %s apart from the rest', (outcome, inForce, counts) => {
    const records = [recordOf(inForce, 'fresh'), recordOf(inForce, 'not_attempted'), recordOf(inForce, 'not_attempted')]
    expect(summarise(records, inForce)).toMatchObject({ outcome, summary: { examined: 3, fresh: 1, ...counts } })
  })

  it('keeps the policy in force, not what a record claims, and the effective value of regen_allowed', () => {
    const denied = rules(REQUIRED_DEGRADE, { capability: false })
    expect(summarise([], denied).summary).toMatchObject({
      context_pack_regen_allowed: false,
      context_pack_regen_required: true,
      context_pack_stale_handling: 'degrade_and_fallback',
    })
  })
})

describe('warningTokens (FG-034)', () => {
  it('names each token once and one recovery hint per degraded target (FG-024, FG-032)', () => {
    const inForce = rules({ regen_required: true, stale_handling: 'fallback' })
    const records = [
      recordOf(inForce, 'not_attempted', { target: 'target 1' }),
      recordOf(inForce, 'attempted_failed', { target: 'target 2' }),
      recordOf(inForce, 'performed_fresh', { target: 'target 3' }),
    ]
    expect(warningTokens(records)).toEqual([
      'context_pack_stale:degrade_and_fallback',
      'context_pack_policy:fallback_upgraded',
      'recovery_hint:refresh_context_pack:target 1',
      'recovery_hint:refresh_context_pack:target 2',
      'context_pack_stale:regenerated',
    ])
  })

  it('adds the reason of an invalid pack, of a stale one not (FG-009)', () => {
    const tokensFor = (reason: StaleReason) =>
      warningTokens([recordOf(rules(), 'not_attempted', { context_pack_stale_reason: reason })])
    for (const reason of ['payload_hash_mismatch', 'schema_unsupported', 'record_inconsistent'] as const) {
      expect(tokensFor(reason)).toEqual(['context_pack_stale:fallback', `context_pack_invalid:${reason}`])
    }
    for (const reason of ['hash_mismatch', 'source_missing', 'source_unreadable', 'source_set_changed'] as const) {
      expect(tokensFor(reason)).toEqual(['context_pack_stale:fallback'])
    }
  })

  it('says that a failing call fails', () => {
    const inForce = rules({ regen_required: true, stale_handling: 'fail' })
    expect(warningTokens([recordOf(inForce, 'not_attempted')])).toEqual(['context_pack_stale:fail'])
  })

  it('fits a target of the longest path into a warning and a record', () => {
    const target = JSON.stringify(['source_ref', 'span', `file:${'"'.repeat(4096)}`, null, null])
    const record = recordOf(rules(REQUIRED_DEGRADE), 'not_attempted', { target })
    expect(ContextPackFreshnessRecord.safeParse(record).success).toBe(true)
    expect(Math.max(...warningTokens([record]).map((token) => token.length))).toBeLessThanOrEqual(8400)
  })

  it('refuses records that contradict themselves', () => {
    const record = recordOf(rules(), 'not_attempted', { outcome: 'use_pack' })
    expect(() => warningTokens([record])).toThrowError(expect.objectContaining({ code: 'RECORD_INCONSISTENT' }))
  })
})

describe('recordedDecision (FG-040)', () => {
  const inForce = rules(REQUIRED_DEGRADE)
  const HASH = 'c'.repeat(64)

  it.each([
    ['another outcome', recordOf(inForce, 'not_attempted', { outcome: 'fallback' })],
    ['another row', recordOf(inForce, 'not_attempted', { decision_row: 'D24' })],
    ['an attempt that did not happen', recordOf(inForce, 'not_attempted', { context_pack_regen_attempted: true })],
    ['a denied attempt', recordOf(inForce, 'attempted_failed', { context_pack_regen_attempted: false })],
    ['a denied rebuild', recordOf(inForce, 'performed_still_stale', { context_pack_regen_performed: false })],
    ['a stale pack with a pack in use', recordOf(inForce, 'not_attempted', { effective_pack_payload_hash: HASH })],
    ['a fresh pack with another in use', recordOf(inForce, 'fresh', { effective_pack_payload_hash: HASH })],
    ['a fresh pack with none in use', recordOf(inForce, 'fresh', { effective_pack_payload_hash: null })],
    ['a rebuilt pack with none in use', recordOf(inForce, 'performed_fresh', { effective_pack_payload_hash: null })],
    ['a fresh pack with a reason', recordOf(inForce, 'fresh', { context_pack_stale_reason: 'hash_mismatch' })],
    [
      'a fresh pack with a stale source',
      recordOf(inForce, 'fresh', {
        stale_sources: [{ source_id: 'file:a', recorded_hash: HASH, current_hash: null }],
      }),
    ],
    ['a stale pack without a reason', recordOf(inForce, 'not_attempted', { context_pack_stale_reason: null })],
    ['a rebuild of a fresh pack', recordOf(inForce, 'fresh', { regen_outcome: 'performed_fresh' })],
    ['a denial that allowed', recordOf(inForce, 'not_attempted', { context_pack_regen_denied_by: 'consent' })],
    [
      'a policy that allows what it denies',
      recordOf(inForce, 'not_attempted', { context_pack_regen_allowed_policy: false }),
    ],
    [
      'a policy that denied what it allows',
      recordOf(rules(REQUIRED_DEGRADE, { capability: false }), 'not_attempted', {
        context_pack_regen_denied_by: 'policy',
      }),
    ],
    ['an attempt that was not allowed', recordOf(inForce, 'attempted_failed', { context_pack_regen_allowed: false })],
  ])('rejects %s', (_, record) => {
    expect(recordedDecision(record)).toBeUndefined()
  })

  it('accepts every record this package writes, and no outcome can be exchanged for another', () => {
    const found = fc.constantFrom(
      'fresh',
      'not_attempted',
      'attempted_failed',
      'performed_still_stale',
      'performed_fresh',
    )
    const policies = fc.record({
      regen_required: fc.boolean(),
      stale_handling: fc.constantFrom('fallback', 'fail', 'degrade_and_fallback'),
    })
    const outcomes = fc.constantFrom('use_pack', 'use_regenerated', 'fallback', 'degrade_and_fallback', 'fail')
    fc.assert(
      fc.property(found, policies, outcomes, (state, policy, outcome) => {
        const record = recordOf(rules(policy), state)
        expect(recordedDecision(record)?.outcome).toBe(record.outcome)
        if (outcome !== record.outcome) expect(recordedDecision({ ...record, outcome })).toBeUndefined()
      }),
      { seed: 3040 },
    )
  })
})

describe('refuseStaleCall (FG-023)', () => {
  it('lets everything but fail pass', () => {
    const inForce = rules(REQUIRED_DEGRADE)
    expect(refuseStaleCall([])).toBeUndefined()
    expect(refuseStaleCall([recordOf(inForce, 'fresh'), recordOf(inForce, 'not_attempted')])).toBeUndefined()
  })
})
