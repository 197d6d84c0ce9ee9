import { describe, expect, it } from 'vitest'

import type { ConsentReceipt } from '@ctxlock/contracts/consent'

import { BODY, HUMAN, isHuman, parentPlan, plan, receipt, WIDE } from '../__fixtures__/consent.ts'
import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { disclosureHash } from './disclosure.ts'
import { readReceipt, storeReceipt } from './receipt-store.ts'

const STORAGE = { now: NOW, isHuman }

describe('storeReceipt (PROV-047, PROV-051, PROV-057)', () => {
  it('keeps receipt and plan over a restart; once more changes nothing', () => {
    using store = createDatabase()
    const given = { receipt: receipt(plan()), plan: plan() }
    storeReceipt(store.database, given, STORAGE)
    store.reopen()
    storeReceipt(store.database, given, STORAGE)
    expect(readReceipt(store.database, 'receipt-1')).toEqual({ ...given, revokedAt: null })
    expect(readReceipt(store.database, 'receipt-2')).toBeUndefined()
  })

  it('keeps a refusal too, as what it is', () => {
    using store = createDatabase()
    storeReceipt(store.database, { receipt: receipt(plan(), { approved: false }), plan: plan() }, STORAGE)
    expect(readReceipt(store.database, 'receipt-1')?.receipt.approved).toBe(false)
  })

  it('never replaces a receipt: a refusal cannot be turned into consent', () => {
    using store = createDatabase()
    storeReceipt(store.database, { receipt: receipt(plan(), { approved: false }), plan: plan() }, STORAGE)
    for (const given of [
      { receipt: receipt(plan()), plan: plan() },
      { receipt: receipt(plan(), { approved: false }), plan: plan({ max_bytes: 2000 }) },
    ]) {
      expect(() => storeReceipt(store.database, given, STORAGE)).toThrowError(
        expect.objectContaining({ code: 'RECEIPT_CONFLICT' }),
      )
    }
  })

  const parent = parentPlan()
  const wide = (changes: Partial<ConsentReceipt>) => receipt(parent, { ...WIDE, ...changes })
  const without = (field: keyof ConsentReceipt, from: ConsentReceipt) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => name !== field))
  const session = wide({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
  it.each<[string, unknown, unknown]>([
    ['no receipt', undefined, plan()],
    ['no plan', receipt(plan()), undefined],
    ['another schema', { ...receipt(plan()), schema_version: 'hsk.consent_receipt@0.5' }, plan()],
    ['an unknown field', { ...receipt(plan()), automatic: true }, plan()],
    ['nobody', { ...receipt(plan()), user_id: '' }, plan()],
    ['a model as the user', receipt(plan(), { user_id: 'big' }), plan()],
    ['the name of a human with a space more', receipt(plan(), { user_id: `${HUMAN} ` }), plan()],
    ['an approval in the future', receipt(plan(), { approved_at: '2026-11-20T12:00:00.001Z' }), plan()],
    ['another plan', receipt(plan({ projection_plan_id: 'plan-2' })), plan()],
    ['other bytes', receipt(plan({ payload_sha256: '0'.repeat(64) })), plan()],
    ['a session receipt without a session', without('session_ids', session), parent],
    ['a session receipt for two', { ...session, session_ids: ['s1', 's2'] }, parent],
    ['a broadcast without sessions', without('session_ids', { ...session, consent_scope: 'BROADCAST_SCOPED' }), parent],
    ['a work packet receipt without one', wide({ consent_scope: 'WP_SCOPED' }), parent],
    ['a wider receipt without a start', without('valid_from', session), parent],
    ['a wider receipt without an end', without('valid_until', session), parent],
    ['a wider receipt without a number of calls', without('max_calls', session), parent],
    ['a wider receipt without a number of bytes', without('max_total_bytes', session), parent],
    [
      'a wider receipt for the bytes of one call',
      receipt(plan(), { ...WIDE, consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }),
      plan(),
    ],
  ])('refuses %s', (_, given, answered) => {
    using store = createDatabase()
    expect(() => storeReceipt(store.database, { receipt: given, plan: answered }, STORAGE)).toThrowError(
      expect.objectContaining({ code: 'RECEIPT_INVALID' }),
    )
    expect(readReceipt(store.database, 'receipt-1')).toBeUndefined()
  })

  it('takes an answer of this very moment', () => {
    using store = createDatabase()
    storeReceipt(store.database, { receipt: receipt(plan(), { approved_at: NOW }), plan: plan() }, STORAGE)
    expect(readReceipt(store.database, 'receipt-1')?.receipt.approved_at).toBe(NOW)
  })

  it('says of everything that is wrong where it is, and not what stands there', () => {
    using store = createDatabase()
    const given = { receipt: { ...receipt(plan()), automatic: 'CANARY' }, plan: { ...plan(), max_bytes: 'CANARY' } }
    expect(() => storeReceipt(store.database, given, STORAGE)).toThrowError(
      expect.objectContaining({
        problems: [expect.stringMatching(/^receipt: /), expect.stringMatching(/^plan\.max_bytes: /)],
        message: expect.not.stringContaining('CANARY'),
      }),
    )
  })

  it.each([
    ['receipt', '{}'],
    ['plan', '{}'],
    ['plan', 'no JSON'],
  ])('reports a row whose %s was damaged to %s', (column, text) => {
    using store = createDatabase()
    storeReceipt(store.database, { receipt: receipt(plan()), plan: plan() }, STORAGE)
    store.database.exec(`UPDATE consent_receipt SET ${column} = '${text}'`)
    expect(() => readReceipt(store.database, 'receipt-1')).toThrowError(
      expect.objectContaining({ code: 'RECEIPT_ALTERED' }),
    )
  })
})

describe('disclosureHash (PROV-052)', () => {
  it('changes with everything that is disclosed and with nothing else', () => {
    const base = disclosureHash(plan())
    for (const same of [
      plan({ projection_plan_id: 'x' }),
      plan({ payload_sha256: '0'.repeat(64) }),
      plan({ created_at: NOW }),
    ]) {
      expect(disclosureHash(same)).toBe(base)
    }
    const changed = [
      plan({ include_artifact_refs: [] }),
      plan({ include_fields: ['a'] }),
      plan({ redactions_applied: [] }),
      plan({ max_bytes: BODY.length }),
      plan({ provider_id: 'x' }),
      plan({ endpoint_origin: 'https://x.example' }),
      plan({ model_ids: ['x'] }),
      plan({ session_ids: ['x'] }),
      plan({ wp_id: 'x' }),
      plan({ fan_out_count: 2 }),
      plan({ estimated_cost_usd: 1 }),
    ].map(disclosureHash)
    expect(new Set([base, ...changed]).size).toBe(changed.length + 1)
  })
})
