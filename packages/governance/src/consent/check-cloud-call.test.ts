import { describe, expect, it } from 'vitest'

import { bytesHash } from '@ctxlock/core-hash'
import type { CloudEscalationBundle } from '@ctxlock/contracts/consent'

import {
  BODY,
  cloudCall,
  isHuman,
  parentPlan,
  plan,
  receipt,
  request,
  singleCallBundle,
  WIDE,
  wideBundle,
} from '../__fixtures__/consent.ts'
import { consented, smuggle, usesOf } from '../__fixtures__/consented-call.ts'
import { createDatabase } from '../__fixtures__/database.ts'
import { assignment, NOW, profile } from '../__fixtures__/profiles.ts'
import { checkCloudCall, recheckCloudCall } from './check-cloud-call.ts'
import type { CloudCall } from './cloud-call.ts'
import { revokeReceipt, storeReceipt } from './receipt-store.ts'

const governance = (changes: Partial<ReturnType<typeof profile>['governance']>) => ({
  profile: profile(assignment('big'), {
    governance: { automation_level: 'AUTONOMOUS', allow_cloud_escalation: true, ...changes },
  }),
})

describe('a consented call (PROV-050)', () => {
  it('is allowed once', () => {
    using call = consented(singleCallBundle())
    expect(call.check()).toEqual({
      allowed: true,
      request_id: 'request-1',
      consent_receipt_id: 'receipt-1',
      projection_plan_id: 'plan-1',
      consent_scope: 'SINGLE_CALL',
      payload_sha256: bytesHash(BODY),
    })
    expect(call.check()).toMatchObject({
      allowed: false,
      check: 'C13',
      code: 'HSK-403-CONSENT-INVALID',
      status_code: 'CX-MM-CONSENT-MISSING',
    })
    expect(usesOf(call.database)).toBe(1)
  })

  it('is allowed to every model where the assignment lists none', () => {
    using call = consented(singleCallBundle())
    expect(call.check({ assignment: { local_only: false } }).allowed).toBe(true)
  })

  it('is allowed as often as a wider receipt says', () => {
    using call = consented(wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] }))
    expect([1, 2, 3, 4].map(() => call.check().allowed)).toEqual([true, true, true, false])
  })
})

describe('a call that had to wait after it was let through (MT-064)', () => {
  const again = (call: ReturnType<typeof consented>, changes: Partial<CloudCall> = {}) =>
    recheckCloudCall(cloudCall(singleCallBundle(), changes), { database: call.database, isHuman })

  it('may be sent while everything holds, however often that is asked', () => {
    using call = consented(singleCallBundle())
    const decision = call.check()
    expect([again(call), again(call)]).toEqual([decision, decision])
    expect(usesOf(call.database)).toBe(1)
  })

  it('may not be sent without a use of its own', () => {
    using call = consented(singleCallBundle())
    expect(again(call)).toMatchObject({ allowed: false, check: 'C13', code: 'HSK-403-CONSENT-INVALID' })
    call.check()
    for (const field of ['request_id', 'receipt_id', 'plan_id', 'job_id']) {
      call.database.exec(`PRAGMA foreign_keys = OFF; SAVEPOINT other; UPDATE consent_use SET ${field} = 'other'`)
      expect([field, again(call)]).toMatchObject([field, { check: 'C13' }])
      call.database.exec('ROLLBACK TO other; RELEASE other')
    }
    expect(again(call).allowed).toBe(true)
  })

  it('may not be sent once it is LOCKED, its receipt is taken back, or its time is over', () => {
    const period = { valid_until: '2026-11-20T13:00:00.000Z' }
    const bundle = { ...singleCallBundle(), receipt: receipt(plan(), period) }
    using call = consented(bundle)
    expect(call.check().allowed).toBe(true)
    expect(again(call, { bundle, now: '2026-11-20T12:59:59.999Z' }).allowed).toBe(true)
    expect(again(call, { bundle, now: period.valid_until })).toMatchObject({ allowed: false, check: 'C7' })
    expect(again(call, { bundle, automation_level: 'LOCKED' })).toMatchObject({ allowed: false, check: 'C2' })
    revokeReceipt(call.database, 'receipt-1', NOW)
    expect(again(call, { bundle })).toMatchObject({ allowed: false, check: 'C7' })
  })
})

describe('T-CLOUD-001 without consent (PROV-054, PROV-058)', () => {
  it.each([undefined, null])('a bundle of %s is a hard block', (bundle) => {
    using store = createDatabase()
    const decision = checkCloudCall(cloudCall(bundle), { database: store.database, isHuman })
    expect(decision).toMatchObject({
      allowed: false,
      check: 'C5',
      code: 'HSK-403-CONSENT-MISSING',
      status_code: 'CX-MM-CONSENT-MISSING',
    })
    expect(usesOf(store.database)).toBe(0)
  })

  it('a perfect bundle whose receipt nobody handed in is refused (T-GOV-004)', () => {
    using store = createDatabase()
    const decision = checkCloudCall(cloudCall(singleCallBundle()), { database: store.database, isHuman })
    expect(decision).toMatchObject({ allowed: false, check: 'C7', status_code: 'CX-MM-CONSENT-MISSING' })
  })
})

describe('T-CLOUD-002 bytes (PROV-019, PROV-051)', () => {
  it('one byte more, less or other fails at C9 and spends nothing', () => {
    using call = consented(singleCallBundle())
    const flipped = Array.from(BODY, (byte, index) => BODY.with(index, byte ^ 1))
    for (const body of [...flipped, BODY.subarray(1), Buffer.concat([BODY, Buffer.from(' ')]), new Uint8Array()]) {
      const prepared = { ...cloudCall(undefined).prepared, body }
      expect(call.check({ prepared })).toMatchObject({ allowed: false, check: 'C9', code: 'HSK-403-CONSENT-INVALID' })
    }
    expect(usesOf(call.database)).toBe(0)
    expect(call.check()).toMatchObject({ allowed: true, payload_sha256: bytesHash(BODY) })
  })
})

describe('T-CLOUD-004 LOCKED (PROV-048)', () => {
  it('denies before anything is asked, valid receipt or not', () => {
    using call = consented(singleCallBundle())
    const expected = { allowed: false, check: 'C2', code: 'HSK-403-LOCKED' }
    expect(call.check({ automation_level: 'LOCKED' })).toMatchObject(expected)
    expect(call.check(governance({ automation_level: 'LOCKED' }))).toMatchObject(expected)
    expect(call.check({ automation_level: 'LOCKED', bundle: undefined })).toMatchObject(expected)
    expect(usesOf(call.database)).toBe(0)
  })
})

describe('the checks, each failing alone', () => {
  it.each<[string, Partial<CloudCall>, string, string]>([
    ['C1', { tier: 'local' }, 'HSK-403-TIER-MISMATCH', 'a local tier'],
    ['C3', governance({ allow_cloud_escalation: false }), 'HSK-403-CLOUD-DISABLED', 'cloud switched off'],
    ['C3', governance({ max_cloud_escalations_per_job: 0 }), 'HSK-403-CLOUD-DISABLED', 'a maximum of 0'],
    ['C4', { assignment: { local_only: true } }, 'HSK-403-CLOUD-DISABLED', 'local_only'],
    [
      'C4',
      { assignment: { local_only: false, allowed_models: ['small'] } },
      'HSK-403-CLOUD-DISABLED',
      'a model off the list',
    ],
    ['C4', { assignment: { local_only: false, allowed_models: [] } }, 'HSK-403-CLOUD-DISABLED', 'an empty list'],
    ['C6', { bundle: {} }, 'HSK-403-CONSENT-INVALID', 'an empty bundle'],
    ['C6', { bundle: 'yes' }, 'HSK-403-CONSENT-INVALID', 'a bundle that is none'],
    ['C6', { bundle: { ...singleCallBundle(), approved: true } }, 'HSK-403-CONSENT-INVALID', 'an unknown field'],
    ['C8', { model_id: 'small' }, 'HSK-403-CONSENT-INVALID', 'another model'],
    ['C8', { wp_id: 'WP-2' }, 'HSK-403-CONSENT-INVALID', 'another work packet'],
    ['C8', { mt_id: 'MT-002' }, 'HSK-403-CONSENT-INVALID', 'another micro-task'],
    ['C8', { session_id: 's2' }, 'HSK-403-CONSENT-INVALID', 'another session'],
    ['C8', { session_id: null }, 'HSK-403-CONSENT-INVALID', 'no session'],
    ['C11', { provider_id: 'other' }, 'HSK-403-CONSENT-INVALID', 'another provider'],
    ['C11', to('https://api.example.com:8443/v1'), 'HSK-403-CONSENT-INVALID', 'another port'],
    ['C11', to('http://api.example.com/v1'), 'HSK-403-CONSENT-INVALID', 'another scheme'],
    ['C11', to('https://api.example.com.evil.example/v1'), 'HSK-403-CONSENT-INVALID', 'a longer host'],
    ['C11', to('https://api.example.com@evil.example/v1'), 'HSK-403-CONSENT-INVALID', 'a host as user info'],
    ['C11', to('nowhere'), 'HSK-403-CONSENT-INVALID', 'no URL'],
    ['C12', { leakage: undefined }, 'CloudLeakageBlocked', 'a leakage guard that did not run'],
    ['C12', { leakage: { passed: false, payload_sha256: bytesHash(BODY) } }, 'CloudLeakageBlocked', 'a leak'],
    [
      'C12',
      { leakage: { passed: true, payload_sha256: bytesHash(Buffer.from('x')) } },
      'CloudLeakageBlocked',
      'a pass for other bytes',
    ],
  ])('%s', (check, changes, code) => {
    using call = consented(singleCallBundle())
    const decision = call.check(changes)
    expect(decision).toMatchObject({ allowed: false, check, code })
    // Only where there is no valid receipt for this call (PROV-054).
    expect('status_code' in decision).toBe(['C6', 'C8'].includes(check))
    expect(usesOf(call.database)).toBe(0)
    expect(call.check().allowed).toBe(true)
  })

  it('C10: more bytes than the plan allows', () => {
    const small = plan({ max_bytes: BODY.length - 1 })
    using call = consented({ request: request(), plan: small, receipt: receipt(small) })
    expect(call.check()).toMatchObject({ check: 'C10', code: 'HSK-403-CONSENT-INVALID' })
    const exact = plan({ max_bytes: BODY.length })
    using fitting = consented({ request: request(), plan: exact, receipt: receipt(exact) })
    expect(fitting.check().allowed).toBe(true)
  })

  it('reports the first of several', () => {
    using call = consented(singleCallBundle())
    const everything = { tier: 'local', automation_level: 'LOCKED', bundle: undefined, leakage: undefined } as const
    expect(call.check(everything)).toMatchObject({ check: 'C1' })
    expect(call.check({ ...everything, tier: 'cloud' })).toMatchObject({ check: 'C2' })
    expect(call.check({ ...everything, tier: 'cloud', automation_level: 'HYBRID' })).toMatchObject({ check: 'C5' })
    expect(call.check({ leakage: undefined, provider_id: 'other', session_id: 's2' })).toMatchObject({ check: 'C8' })
  })
})

describe('C3: escalations per job', () => {
  it('is 1 when the profile says nothing (PROV decision 7), and counts the job and those its run had before', () => {
    const second = plan({ projection_plan_id: 'plan-2' })
    const bundle = {
      request: request({ request_id: 'request-2', projection_plan_id: 'plan-2', consent_receipt_id: 'receipt-2' }),
      plan: second,
      receipt: receipt(second, { consent_receipt_id: 'receipt-2' }),
    }
    using call = consented(singleCallBundle())
    storeReceipt(call.database, bundle, { now: NOW, isHuman })
    expect(call.check(governance({})).allowed).toBe(true)
    expect(call.check(governance({}), bundle)).toMatchObject({ check: 'C3' })
    const goneOnWith = { ...governance({}), job_id: 'job-2', earlier_jobs: ['job-0', 'job-1'] }
    expect(call.check({ ...goneOnWith, session_id: 's2' }, bundle)).toMatchObject({ check: 'C3' })
    expect(call.check({ ...goneOnWith, session_id: null }, bundle)).toMatchObject({ check: 'C3' })
    // Its own session in a process that was killed: the same escalation, tried once more.
    expect(call.check(goneOnWith, bundle).allowed).toBe(true)
  })

  it('cannot be got around by giving many receipts one request', () => {
    using call = consented(singleCallBundle())
    const other = receipt(plan(), { consent_receipt_id: 'receipt-2' })
    storeReceipt(call.database, { receipt: other, plan: plan() }, { now: NOW, isHuman })
    expect(call.check(governance({})).allowed).toBe(true)
    const again = { request: request({ consent_receipt_id: 'receipt-2' }), receipt: other }
    expect(call.check(governance({}), again)).toMatchObject({ check: 'C13' })
    expect(call.check({ ...governance({}), job_id: 'job-2' }, again)).toMatchObject({ check: 'C13' })
  })
})

describe('C8: the sessions that plan and receipt name', () => {
  const planned = (session_ids: string[]) => {
    const shown = plan({ session_ids })
    return { request: request(), plan: shown, receipt: receipt(shown) }
  }

  it('refuses the plan of another session, approved as it is', () => {
    const session_id = String(cloudCall({}).session_id)
    using own = consented(planned([session_id]))
    expect(own.check()).toMatchObject({ allowed: true })
    using other = consented(planned(['another']))
    expect(other.check()).toMatchObject({ allowed: false, check: 'C8' })
    expect(usesOf(other.database)).toBe(0)
  })
})

describe('C6: schemas and cross ids', () => {
  it.each<[string, Partial<CloudEscalationBundle>]>([
    ['a request of another plan', { request: request({ projection_plan_id: 'plan-9' }) }],
    ['a request of another receipt', { request: request({ consent_receipt_id: 'receipt-9' }) }],
    ['a receipt of another plan', { receipt: receipt(plan(), { projection_plan_id: 'plan-9' }) }],
    ['a receipt with another hash', { receipt: receipt(plan(), { payload_sha256: '0'.repeat(64) }) }],
    ['a plan with another hash', { plan: plan({ payload_sha256: '0'.repeat(64) }) }],
    ['a parent plan for a single call', { parent_plan: parentPlan() }],
    // The receipt's hash covers none of these: only the stored plan does.
    ['a plan with another origin', { plan: plan({ endpoint_origin: 'https://evil.example' }) }],
    ['a plan with another provider', { plan: plan({ provider_id: 'evil' }) }],
    ['a plan with another model', { plan: plan({ model_ids: ['big', 'evil'] }) }],
    ['a plan with a larger limit', { plan: plan({ max_bytes: 1_000_000 }) }],
    ['a plan for other sessions', { plan: plan({ session_ids: ['s1', 's2'] }) }],
  ])('refuses %s', (_, changed) => {
    using call = consented(singleCallBundle())
    expect(call.check({}, changed)).toMatchObject({ allowed: false, check: 'C6' })
    expect(usesOf(call.database)).toBe(0)
  })

  it('refuses a parent plan that belongs to a single call, and a wider receipt that answers the plan of the call', () => {
    const parent = parentPlan()
    const single = { request: request(), plan: plan({ parent_plan_id: 'parent-1' }), parent_plan: parent }
    using call = consented({ ...single, receipt: receipt(parent) })
    expect(call.check()).toMatchObject({ check: 'C6' })
    const wide = receipt(plan(), { ...WIDE, consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    using other = consented(singleCallBundle())
    smuggle(other.database, wide, plan())
    expect(other.check({}, { receipt: wide })).toMatchObject({ check: 'C6' })
  })

  it('refuses a wider receipt without its parent plan, or with one that discloses something else', () => {
    const wide = wideBundle({ consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    using call = consented(wide)
    const { parent_plan: parent, ...orphan } = wide
    const alone = checkCloudCall(cloudCall(orphan), { database: call.database, isHuman })
    expect(alone).toMatchObject({ check: 'C6' })
    expect(call.check({}, { parent_plan: { ...parent, model_ids: ['big', 'evil'] } })).toMatchObject({ check: 'C6' })
    const forged = { ...parent, include_artifact_refs: ['file:secret'] }
    smuggle(call.database, wide.receipt, forged)
    expect(call.check({}, { parent_plan: forged })).toMatchObject({ check: 'C6' })
  })
})

function to(url: string): Partial<CloudCall> {
  return { prepared: { url, body: BODY } }
}
