import { describe, expect, it } from 'vitest'

import type { CloudEscalationBundle, ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'

import {
  BODY,
  isHuman,
  parentPlan,
  plan,
  receipt,
  request,
  singleCallBundle,
  wideBundle,
} from '../__fixtures__/consent.ts'
import { consented, smuggle, usesOf } from '../__fixtures__/consented-call.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { disclosureHash } from './disclosure.ts'
import { revokeReceipt, storeReceipt } from './receipt-store.ts'

describe('T-X-PROV-01 C7: the receipt', () => {
  const answered = plan()
  it.each<[string, Partial<ConsentReceipt>, boolean]>([
    ['expired', { valid_until: NOW }, false],
    ['about to expire', { valid_until: '2026-11-20T12:00:00.001Z' }, true],
    ['not yet valid', { valid_from: '2026-11-20T12:00:00.001Z' }, false],
    ['just valid', { valid_from: NOW }, true],
    ['not approved', { approved: false }, false],
    ['revoked when it was stored', { revoked_at: '2026-11-20T11:59:00.000Z' }, false],
  ])('%s', (_, changes, allowed) => {
    const given = receipt(answered, changes)
    using call = consented({ request: request(), plan: answered, receipt: given })
    expect(call.check()).toMatchObject(
      allowed ? { allowed } : { allowed, check: 'C7', code: 'HSK-403-CONSENT-INVALID' },
    )
  })

  it.each<[string, Partial<ConsentReceipt>]>([
    ['given by a model', { user_id: 'big' }],
    ['approved in the future', { approved_at: '2026-11-20T12:00:00.001Z' }],
    ['that says itself it was revoked', { revoked_at: '2026-11-20T11:59:00.000Z' }],
  ])('%s, though it got into the table', (_, changes) => {
    const forged = receipt(answered, changes)
    using call = consented(singleCallBundle())
    smuggle(call.database, forged, answered)
    expect(call.check({}, { receipt: forged })).toMatchObject({ check: 'C7' })
  })

  it.each(['valid_from', 'valid_until'] as const)('wider and without %s, though it got into the table', (field) => {
    const wide = wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    using call = consented(wide)
    const { [field]: _, ...forged } = wide.receipt
    smuggle(call.database, forged, wide.parent_plan)
    expect(call.check({}, { receipt: forged })).toMatchObject({ check: 'C7' })
  })

  it('other than the one that was stored under its id', () => {
    using call = consented({ ...singleCallBundle(), receipt: receipt(answered, { approved: false }) })
    expect(call.check({}, { receipt: receipt(answered) })).toMatchObject({ check: 'C7' })
    using longer = consented(singleCallBundle())
    expect(longer.check({}, { receipt: receipt(answered, { max_calls: 9 }) })).toMatchObject({ check: 'C7' })
  })

  it('revoked names its work packet and no session where it has none', () => {
    using call = consented(wideBundle({ consent_scope: 'WP_SCOPED', wp_id: 'WP-1' }))
    expect(revokeReceipt(call.database, 'receipt-1', NOW)).toMatchObject({
      session_ids: [],
      wp_id: 'WP-1',
      job_ids: [],
    })
  })

  it('revoked since: blocks at once, for good, and names what it reaches (PROV-055)', () => {
    const wide = wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    using call = consented(wide)
    expect(call.check().allowed).toBe(true)
    const reached = { consent_receipt_id: 'receipt-1', session_ids: ['s1'], wp_id: null, job_ids: ['job-1'] }
    expect(revokeReceipt(call.database, 'receipt-1', NOW)).toEqual(reached)
    expect(call.check()).toMatchObject({ allowed: false, check: 'C7' })
    expect(revokeReceipt(call.database, 'receipt-1', NOW)).toEqual(reached)
    // Handing the receipt in again does not bring it back.
    storeReceipt(call.database, { receipt: wide.receipt, plan: wide.parent_plan }, { now: NOW, isHuman })
    expect(call.check()).toMatchObject({ check: 'C7' })
    expect(() => revokeReceipt(call.database, 'receipt-9', NOW)).toThrowError(
      expect.objectContaining({ code: 'RECEIPT_UNKNOWN' }),
    )
  })
})

describe('T-X-PROV-01 C8: the scope (PROV-052, PROV-053)', () => {
  const session: Partial<ConsentReceipt> = { consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }

  it('a session receipt is for its session', () => {
    const bundle = wideBundle(session, parentPlan({ session_ids: ['s1', 's2'] }))
    using call = consented(bundle)
    const elsewhere = {
      request: request({ session_id: 's2' }),
      plan: plan({ parent_plan_id: 'parent-1', session_ids: ['s2'] }),
    }
    expect(call.check({ session_id: 's2' }, elsewhere)).toMatchObject({ check: 'C8' })
    expect(call.check().allowed).toBe(true)
  })

  it.each<[string, Pick<CloudEscalationBundle, 'request' | 'plan'>]>([
    ['another model asked for', { request: request({ requested_model_id: 'small' }), plan: plan() }],
    ['another model disclosed', { request: request(), plan: plan({ model_ids: ['small'] }) }],
    ['another session asked for', { request: request({ session_id: 's2' }), plan: plan() }],
    ['another job planned', { request: request(), plan: plan({ job_id: 'job-2' }) }],
  ])('%s is refused though everything else fits', (_, bundle) => {
    using call = consented({ ...bundle, receipt: receipt(bundle.plan) })
    expect(call.check()).toMatchObject({ check: 'C8' })
  })

  it.each<[string, Partial<ConsentReceipt>]>([
    ['session', { consent_scope: 'SESSION_SCOPED' }],
    ['work packet', { consent_scope: 'WP_SCOPED' }],
  ])('a %s receipt that names none is refused, though it got into the table', (_, scope) => {
    const { receipt: unnamed, parent_plan } = wideBundle(scope)
    using call = consented(wideBundle(session))
    smuggle(call.database, unnamed, parent_plan)
    expect(call.check({}, { receipt: unnamed })).toMatchObject({ check: 'C8' })
  })

  it('two sessions make no session receipt, though it got into the table', () => {
    const bundle = wideBundle({ ...session, session_ids: ['s1', 's2'] })
    using call = consented(wideBundle(session))
    smuggle(call.database, bundle.receipt, bundle.parent_plan)
    expect(call.check({}, { receipt: bundle.receipt })).toMatchObject({ check: 'C8' })
  })

  it('a broadcast reaches the sessions it lists and no other', () => {
    const parent = parentPlan({ session_ids: ['s1', 's2', 's3'] })
    using call = consented(wideBundle({ consent_scope: 'BROADCAST_SCOPED', session_ids: ['s1', 's2'] }, parent))
    const inSession = (session_id: string) =>
      call.check(
        { session_id },
        { request: request({ session_id }), plan: plan({ parent_plan_id: 'parent-1', session_ids: [session_id] }) },
      )
    expect(inSession('s1').allowed).toBe(true)
    expect(inSession('s2').allowed).toBe(true)
    expect(inSession('s3')).toMatchObject({ check: 'C8' })
    expect(inSession('s4')).toMatchObject({ check: 'C8' })
  })

  it('a work packet receipt is for its work packet', () => {
    const bundle = wideBundle({ consent_scope: 'WP_SCOPED', wp_id: 'WP-1' })
    using call = consented(bundle)
    expect(call.check({ wp_id: 'WP-2' }, { request: request({ wp_id: 'WP-2' }) })).toMatchObject({ check: 'C8' })
    expect(call.check({ mt_id: 'MT-007' }, { request: request({ mt_id: 'MT-007' }) }).allowed).toBe(true)
  })

  it('a single call names its session when there is one (INV-CONSENT-001)', () => {
    const { session_ids: _, ...unnamed } = plan()
    using call = consented({ request: request(), plan: unnamed, receipt: receipt(unnamed) })
    expect(call.check()).toMatchObject({ check: 'C8' })
    const { session_id: _session, ...anywhere } = request()
    expect(call.check({ session_id: null }, { request: anywhere }).allowed).toBe(true)
  })

  it.each<[string, Partial<ProjectionPlan>]>([
    ['another parent', { parent_plan_id: 'parent-2' }],
    ['no parent', {}],
    ['another provider', { parent_plan_id: 'parent-1', provider_id: 'evil' }],
    ['another origin', { parent_plan_id: 'parent-1', endpoint_origin: 'https://evil.example' }],
    ['more bytes', { parent_plan_id: 'parent-1', max_bytes: 1001 }],
    ['another file', { parent_plan_id: 'parent-1', include_artifact_refs: ['file:src/a.ts', 'file:secret'] }],
    ['another field', { parent_plan_id: 'parent-1', include_fields: ['body'] }],
    ['a redaction less', { parent_plan_id: 'parent-1', redactions_applied: [] }],
    ['another model', { parent_plan_id: 'parent-1', model_ids: ['big', 'evil'] }],
    ['another session', { parent_plan_id: 'parent-1', session_ids: ['s1', 's9'] }],
  ])('a call plan may not go beyond its parent: %s', (_, changes) => {
    using call = consented(wideBundle(session))
    expect(call.check({}, { plan: plan(changes) })).toMatchObject({ check: 'C8' })
    expect(usesOf(call.database)).toBe(0)
  })
})

describe('C8: what a parent plan states of its place', () => {
  it.each([{ wp_id: 'WP-1' }, { job_id: 'job-1' }, { mt_id: 'MT-001' }])('holds for every call: %o', (stated) => {
    using call = consented(wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }, parentPlan(stated)))
    const planned = (changes: Partial<ProjectionPlan>) =>
      call.check({}, { plan: plan({ parent_plan_id: 'parent-1', ...changes }) })
    expect(planned({})).toMatchObject({ check: 'C8' })
    expect(planned(stated).allowed).toBe(true)
  })

  it('leaves open what it does not state: sessions of the receipt, and fields', () => {
    const { session_ids: _, ...anySession } = plan({
      projection_plan_id: 'parent-1',
      include_fields: ['body', 'title'],
    })
    const parent = { ...anySession, payload_sha256: disclosureHash(anySession) }
    using call = consented(wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }, parent))
    const place = { wp_id: 'WP-1', job_id: 'job-1', mt_id: 'MT-001' }
    const within = plan({ parent_plan_id: 'parent-1', include_fields: ['body'], ...place })
    expect(call.check({}, { plan: within }).allowed).toBe(true)
    expect(call.check({}, { plan: { ...within, include_fields: ['body', 'other'] } })).toMatchObject({ check: 'C8' })
  })
})

describe('C13: limits of a wider receipt', () => {
  const session: Partial<ConsentReceipt> = { consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }

  it('counts bytes over calls', () => {
    using call = consented(wideBundle({ ...session, max_calls: 10, max_total_bytes: BODY.length * 2 }))
    expect([1, 2, 3].map(() => call.check().allowed)).toEqual([true, true, false])
    expect(call.check()).toMatchObject({ check: 'C13' })
  })

  it.each(['max_calls', 'max_total_bytes'] as const)(
    'without %s allows nothing, though it got into the table',
    (field) => {
      const wide = wideBundle(session)
      using call = consented(wide)
      const { [field]: _, ...forged } = wide.receipt
      smuggle(call.database, forged, wide.parent_plan)
      expect(call.check({}, { receipt: forged })).toMatchObject({ check: 'C13' })
    },
  )

  it('is undone with the caller’s transaction, and a second spending breaks on the table itself', () => {
    using call = consented(singleCallBundle())
    call.database.exec('BEGIN')
    expect(call.check().allowed).toBe(true)
    call.database.exec('ROLLBACK')
    expect(call.check().allowed).toBe(true)
    expect(() =>
      call.database.exec(
        `INSERT INTO consent_use (receipt_id, request_id, plan_id, job_id, payload_sha256, payload_bytes, used_at, single_use_of)
         VALUES ('receipt-1', 'r', 'p', 'j', 'h', 1, 't', 'receipt-1')`,
      ),
    ).toThrowError(/UNIQUE/)
  })

  it('allows nothing when the database cannot be written', () => {
    using call = consented(singleCallBundle())
    call.database.exec('PRAGMA query_only = ON')
    expect(() => call.check()).toThrowError(/readonly/)
  })
})
