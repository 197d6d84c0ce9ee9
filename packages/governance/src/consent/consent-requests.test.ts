import { describe, expect, it } from 'vitest'

import type { ConsentRequest, ProjectionPlan } from '@ctxlock/contracts/consent'

import {
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
import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { checkCloudCall } from './check-cloud-call.ts'
import {
  answerConsentRequest,
  consentRequests,
  deniedConsentRequest,
  lastConsentRequest,
  openConsentRequest,
  standingReceipts,
  storeConsentRequest,
} from './consent-requests.ts'
import { revokeReceipt, storeReceipt } from './receipt-store.ts'

const STORAGE = { now: NOW, isHuman }

function asked(changes: Partial<ConsentRequest> = {}, shown: ProjectionPlan = plan()): ConsentRequest {
  const { consent_receipt_id: _, ...draft } = request({ projection_plan_id: shown.projection_plan_id })
  return {
    schema_version: 'ctxlock.consent_request@1',
    request: draft,
    plan: shown,
    request_manifest: 'a'.repeat(64),
    run_id: 'run-1',
    job_id: 'job-1',
    created_at: NOW,
    ...changes,
  }
}

const answer = (changes: Parameters<typeof receipt>[1] = {}) => ({ receipt: receipt(plan(), changes), plan: plan() })

describe('a request for consent', () => {
  it('waits, is answered once, and is used once; each state outlives a restart', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    store.reopen()
    const state = () => consentRequests(store.database).map((stored) => stored.state)
    expect(state()).toEqual(['waiting'])
    answerConsentRequest(store.database, 'request-1', answer(), STORAGE)
    store.reopen()
    expect(state()).toEqual(['approved'])
    expect(checkCloudCall(cloudCall(singleCallBundle()), { database: store.database, isHuman })).toMatchObject({
      allowed: true,
    })
    expect(state()).toEqual(['used'])
    expect(openConsentRequest(store.database, 's1', plan(), NOW)).toBeUndefined()
  })

  it('keeps its first answer: a refusal cannot become consent, nor consent a refusal', () => {
    for (const approved of [true, false]) {
      using store = createDatabase()
      storeConsentRequest(store.database, asked())
      answerConsentRequest(store.database, 'request-1', answer({ approved }), STORAGE)
      const other = answer({ approved: !approved, consent_receipt_id: 'receipt-2' })
      expect(() => answerConsentRequest(store.database, 'request-1', other, STORAGE)).toThrowError(
        expect.objectContaining({ code: 'REQUEST_ANSWERED' }),
      )
      expect(lastConsentRequest(store.database, 'run-1')?.state).toBe(approved ? 'approved' : 'denied')
    }
  })

  it.each([
    ['nobody', answer({ user_id: 'big' }), 'RECEIPT_INVALID'],
    ['another plan', { receipt: receipt(plan({ projection_plan_id: 'plan-2' })), plan: plan() }, 'RECEIPT_INVALID'],
  ])('is not answered by %s, and goes on waiting', (_, given, code) => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    expect(() => answerConsentRequest(store.database, 'request-1', given, STORAGE)).toThrowError(
      expect.objectContaining({ code }),
    )
    expect(consentRequests(store.database).map(({ state }) => state)).toEqual(['waiting'])
  })

  it('is never replaced, and repeating it changes nothing', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    storeConsentRequest(store.database, asked())
    expect(consentRequests(store.database)).toHaveLength(1)
    expect(() => storeConsentRequest(store.database, asked({ job_id: 'job-2' }))).toThrowError(
      expect.objectContaining({ code: 'REQUEST_CONFLICT' }),
    )
    expect(() => answerConsentRequest(store.database, 'request-9', answer(), STORAGE)).toThrowError(
      expect.objectContaining({ code: 'REQUEST_UNKNOWN' }),
    )
  })

  it('is found again only for the same bytes, place, model, session and job', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    const found = (session: string, wanted: ProjectionPlan) =>
      openConsentRequest(store.database, session, wanted, NOW)?.asked.request.request_id
    expect(found('s1', plan({ projection_plan_id: 'another', created_at: '2026-11-20T12:00:00.000Z' }))).toBe(
      'request-1',
    )
    expect(found('s2', plan())).toBeUndefined()
    for (const other of [
      { payload_sha256: '0'.repeat(64) },
      { endpoint_origin: 'https://elsewhere.example.com' },
      { provider_id: 'other' },
      { model_ids: ['small'] },
      { job_id: 'job-2' },
    ])
      expect(found('s1', plan(other))).toBeUndefined()
  })

  it('names its plan and its session, or is none', () => {
    using store = createDatabase()
    const { session_id: _, ...elsewhere } = asked().request
    const { request: named } = asked({}, plan({ projection_plan_id: 'plan-2' }))
    for (const wrong of [{ request: elsewhere }, { request: named }])
      expect(() => storeConsentRequest(store.database, asked(wrong))).toThrowError(
        expect.objectContaining({ code: 'REQUEST_INVALID' }),
      )
    expect(consentRequests(store.database)).toEqual([])
  })

  it('whose consent was taken back is revoked', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    answerConsentRequest(store.database, 'request-1', answer(), STORAGE)
    revokeReceipt(store.database, 'receipt-1', NOW)
    expect(consentRequests(store.database).map(({ state }) => state)).toEqual(['revoked'])
  })

  it('is asked anew when the consent expired, and not when it was denied', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    answerConsentRequest(store.database, 'request-1', answer({ valid_until: '2026-11-20T11:59:00.000Z' }), STORAGE)
    expect(openConsentRequest(store.database, 's1', plan(), NOW)).toBeUndefined()
    const second = plan({ projection_plan_id: 'plan-2' })
    const { consent_receipt_id: _, ...draft } = request({ request_id: 'request-2', projection_plan_id: 'plan-2' })
    storeConsentRequest(store.database, asked({ request: draft }, second))
    const denial = receipt(second, { approved: false, consent_receipt_id: 'receipt-2' })
    answerConsentRequest(store.database, 'request-2', { receipt: denial, plan: second }, STORAGE)
    expect(openConsentRequest(store.database, 's1', plan(), NOW)?.state).toBe('denied')
  })

  it.each([
    [true, '2026-11-20T12:00:00.001Z', 'approved'],
    [true, NOW, undefined],
    [true, undefined, 'approved'],
    // A no does not become a question again by itself.
    [false, '2026-11-20T11:59:00.000Z', 'denied'],
    [false, undefined, 'denied'],
  ])('answered %s until %s is found as %s', (approved, until, state) => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    const period = until === undefined ? {} : { valid_until: until }
    answerConsentRequest(store.database, 'request-1', answer({ approved, ...period }), STORAGE)
    expect(openConsentRequest(store.database, 's1', plan(), NOW)?.state).toBe(state)
  })

  it('that was denied is sent under no receipt, is found in every job of its run, and stays denied', () => {
    using store = createDatabase()
    const ports = { database: store.database, isHuman }
    const wide = wideBundle({ consent_receipt_id: 'wide', consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    const bundle = { ...wide, request: request({ consent_receipt_id: 'wide' }) }
    storeReceipt(store.database, { receipt: wide.receipt, plan: wide.parent_plan }, STORAGE)
    storeConsentRequest(store.database, asked())
    const denied = () => deniedConsentRequest(store.database, 'run-1', plan().payload_sha256)?.asked.request.request_id
    expect(denied()).toBeUndefined()
    answerConsentRequest(store.database, 'request-1', answer({ approved: false }), STORAGE)
    expect(denied()).toBe('request-1')
    expect(deniedConsentRequest(store.database, 'run-2', plan().payload_sha256)).toBeUndefined()
    expect(deniedConsentRequest(store.database, 'run-1', '0'.repeat(64))).toBeUndefined()
    expect(checkCloudCall(cloudCall(bundle), ports)).toMatchObject({ allowed: false, check: 'C7' })
    const other = { ...bundle, request: { ...bundle.request, request_id: 'request-2' } }
    expect(checkCloudCall(cloudCall(other), ports).allowed).toBe(true)
    // As a release did that asked the receipt only.
    store.database.exec("UPDATE consent_use SET request_id = 'request-1'")
    expect(consentRequests(store.database).map(({ state }) => state)).toEqual(['denied'])
  })

  it('whose row was altered is refused, not believed', () => {
    using store = createDatabase()
    storeConsentRequest(store.database, asked())
    store.database.exec(`UPDATE consent_request SET content = replace(content, 'request-1', 'request-7')`)
    expect(() => consentRequests(store.database)).toThrowError(expect.objectContaining({ code: 'REQUEST_ALTERED' }))
  })
})

describe('standing receipts', () => {
  it('are those of a wider scope that were approved and not revoked, the newest first', () => {
    using store = createDatabase()
    const parent = parentPlan()
    const wide = receipt(parent, { ...WIDE, consent_scope: 'SESSION_SCOPED', session_ids: ['s1'] })
    storeConsentRequest(store.database, asked())
    answerConsentRequest(store.database, 'request-1', { receipt: wide, plan: parent }, STORAGE)
    const of = (changes: Parameters<typeof receipt>[1]) => ({
      receipt: receipt(parent, { ...wide, ...changes }),
      plan: parent,
    })
    const single = { receipt: receipt(plan(), { consent_receipt_id: 'receipt-2' }), plan: plan() }
    storeReceipt(store.database, single, STORAGE)
    storeReceipt(store.database, of({ consent_receipt_id: 'receipt-3', approved: false }), STORAGE)
    expect(standingReceipts(store.database).map((stored) => stored.receipt)).toEqual([wide])
    const later = of({ consent_receipt_id: 'receipt-0' })
    storeReceipt(store.database, later, { ...STORAGE, now: '2026-11-20T12:30:00.000Z' })
    storeReceipt(store.database, of({ consent_receipt_id: 'receipt-4' }), STORAGE)
    const ids = standingReceipts(store.database).map((stored) => stored.receipt.consent_receipt_id)
    expect(ids).toEqual(['receipt-0', 'receipt-1', 'receipt-4'])
    for (const other of ['receipt-0', 'receipt-4']) revokeReceipt(store.database, other, NOW)
    revokeReceipt(store.database, wide.consent_receipt_id, NOW)
    expect(standingReceipts(store.database)).toEqual([])
  })
})
