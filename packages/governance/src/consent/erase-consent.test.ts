import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { afterEach, beforeEach, expect, test } from 'vitest'

import {
  cloudCall,
  isHuman,
  parentPlan,
  plan,
  receipt,
  request,
  singleCallBundle,
  WIDE,
} from '../__fixtures__/consent.ts'
import { createDatabase } from '../__fixtures__/database.ts'
import { NOW } from '../__fixtures__/profiles.ts'
import { checkCloudCall } from './check-cloud-call.ts'
import { answerConsentRequest, storeConsentRequest } from './consent-requests.ts'
import { eraseConsent } from './erase-consent.ts'
import { revokeReceipt } from './receipt-store.ts'

const STORAGE = { now: NOW, isHuman }
const NOTHING = { consent_request: 0, consent_receipt: 0, consent_use: 0 }
const ON_RECORD: ReadonlySet<string> = new Set()

let store: ReturnType<typeof createDatabase>
let database: SqlDatabase
beforeEach(() => {
  store = createDatabase()
  database = store.database
})
afterEach(() => store[Symbol.dispose]())

function ask(requestId: string, runId: string): void {
  const { consent_receipt_id: _, ...draft } = request({ request_id: requestId })
  storeConsentRequest(database, {
    schema_version: 'ctxlock.consent_request@1',
    request: draft,
    plan: plan(),
    request_manifest: 'a'.repeat(64),
    run_id: runId,
    job_id: 'job-1',
    created_at: NOW,
  })
}

function answer(requestId: string, changes: Parameters<typeof receipt>[1] = {}, shown = plan()): void {
  answerConsentRequest(database, requestId, { receipt: receipt(shown, changes), plan: shown }, STORAGE)
}

const wide = { ...WIDE, consent_scope: 'BROADCAST_SCOPED' as const, session_ids: ['s1'] }

/** Rows of each table after the consents of `run-1` were erased. */
function leftAfterErasing(onRecord = ON_RECORD) {
  eraseConsent(database, { runIds: ['run-1'], requestIds: [] }, onRecord)
  return Object.fromEntries(
    Object.keys(NOTHING).map((table) => [table, database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']]),
  )
}

test('a request nobody answered goes, that of another run stays', () => {
  ask('request-1', 'run-1')
  ask('request-2', 'run-2')
  expect(leftAfterErasing()).toEqual({ ...NOTHING, consent_request: 1 })
})

test('a refusal goes with its request', () => {
  ask('request-1', 'run-1')
  answer('request-1', { approved: false, notes: 'names a customer' })
  expect(leftAfterErasing()).toEqual(NOTHING)
})

test('an approval stays with its request until it is revoked', () => {
  ask('request-1', 'run-1')
  answer('request-1')
  expect(leftAfterErasing()).toEqual({ ...NOTHING, consent_request: 1, consent_receipt: 1 })
  revokeReceipt(database, 'receipt-1', NOW)
  expect(leftAfterErasing()).toEqual(NOTHING)
})

test('a spent approval stays as long as the call it allowed is on record', () => {
  ask('request-1', 'run-1')
  answer('request-1')
  expect(checkCloudCall(cloudCall(singleCallBundle()), { database, isHuman })).toMatchObject({ allowed: true })
  expect(leftAfterErasing(new Set(['receipt-1']))).toEqual({ consent_request: 1, consent_receipt: 1, consent_use: 1 })
  expect(leftAfterErasing()).toEqual(NOTHING)
})

test('an answer to several runs goes with the last of them', () => {
  ask('request-1', 'run-1')
  ask('request-2', 'run-2')
  answer('request-1', wide, parentPlan())
  database.exec("UPDATE consent_request SET receipt_id = 'receipt-1'")
  revokeReceipt(database, 'receipt-1', NOW)
  expect(leftAfterErasing()).toEqual({ ...NOTHING, consent_request: 1, consent_receipt: 1 })
  eraseConsent(database, { runIds: ['run-2'], requestIds: [] }, ON_RECORD)
  expect(leftAfterErasing()).toEqual(NOTHING)
})

test('a request goes by its own id, and leaves another of its run', () => {
  ask('request-1', 'run-1')
  ask('request-2', 'run-1')
  answer('request-1', { approved: false })
  eraseConsent(database, { runIds: [], requestIds: ['request-1', 'unknown'] }, ON_RECORD)
  const left = database.prepare('SELECT request_id, receipt_id FROM consent_request').all()
  expect(left.map(({ request_id, receipt_id }) => [request_id, receipt_id])).toEqual([['request-2', null]])
})

test('a receipt that cannot be read is no reason to take it for none', () => {
  ask('request-1', 'run-1')
  answer('request-1', { approved: false })
  database.exec("UPDATE consent_receipt SET receipt = 'no JSON'")
  expect(leftAfterErasing()).toEqual({ ...NOTHING, consent_request: 1, consent_receipt: 1 })
})
