import { canonicalize } from '@ctxlock/core-hash'
import type { CloudEscalationBundle, ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { checkCloudCall } from '../consent/check-cloud-call.ts'
import type { CloudCall } from '../consent/cloud-call.ts'
import { storeReceipt } from '../consent/receipt-store.ts'
import { cloudCall, isHuman } from './consent.ts'
import { createDatabase } from './database.ts'
import { NOW } from './profiles.ts'

/** A database in which the human's answer of the bundle was stored. */
export function consented(bundle: CloudEscalationBundle) {
  const store = createDatabase()
  storeReceipt(
    store.database,
    { receipt: bundle.receipt, plan: bundle.parent_plan ?? bundle.plan },
    { now: NOW, isHuman },
  )
  const check = (changes: Partial<CloudCall> = {}, changed: Partial<CloudEscalationBundle> = {}) =>
    checkCloudCall(cloudCall({ ...bundle, ...changed }, changes), { database: store.database, isHuman })
  return { database: store.database, check, [Symbol.dispose]: () => store[Symbol.dispose]() }
}

/** How often a receipt was used. */
export function usesOf(database: SqlDatabase): number {
  return Number(database.prepare('SELECT count(*) AS uses FROM consent_use').get()?.['uses'])
}

/** Puts a receipt into the table as nothing in this package would, to see each check stand alone. */
export function smuggle(database: SqlDatabase, forged: ConsentReceipt, shown: ProjectionPlan) {
  database
    .prepare('INSERT OR REPLACE INTO consent_receipt (receipt_id, receipt, plan, stored_at) VALUES (?, ?, ?, ?)')
    .run(forged.consent_receipt_id, canonicalize(forged), canonicalize(shown), NOW)
}
