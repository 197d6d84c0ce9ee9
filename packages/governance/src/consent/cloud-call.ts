import type { CloudCheck, ConsentScope } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { AutomationLevel, Hash, ModelTier, Timestamp } from '@ctxlock/contracts/primitives'
import type { PreparedCall } from '@ctxlock/contracts/provider'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import type { IsHuman } from './receipt-store.ts'

/** A cloud call about to be made. Everything but the bundle is the host's own knowledge, not the caller's claim. */
export interface CloudCall {
  /** As `effectiveTier` derived it (PROV-045). */
  readonly tier: ModelTier
  /** The job's level; the profile's counts too. */
  readonly automation_level: AutomationLevel
  readonly profile: Pick<WorkProfile, 'governance'>
  readonly assignment: Pick<ModelAssignment, 'local_only' | 'allowed_models'>
  readonly provider_id: string
  readonly model_id: string
  /** The bytes that will be sent, and where to. */
  readonly prepared: Pick<PreparedCall, 'url' | 'body'>
  /** The job that escalates, not the child job that makes the call. */
  readonly job_id: string
  /** Jobs in whose name its run was worked on before, such as by a process that was killed: their escalations count too. */
  readonly earlier_jobs: readonly string[]
  readonly session_id: string | null
  readonly wp_id: string
  readonly mt_id: string
  /** A CloudEscalationBundle, untrusted; `undefined` when there is none. */
  readonly bundle: unknown
  /** CloudLeakageGuard's verdict and the hash of the bytes it judged; `undefined` when it did not run. */
  readonly leakage: { readonly passed: boolean; readonly payload_sha256: Hash } | undefined
  readonly now: Timestamp
}

export type CloudRefusalCode =
  | 'HSK-403-TIER-MISMATCH'
  | 'HSK-403-LOCKED'
  | 'HSK-403-CLOUD-DISABLED'
  | 'HSK-403-CONSENT-MISSING'
  | 'HSK-403-CONSENT-INVALID'
  | 'CloudLeakageBlocked'

export interface CloudRefusal {
  readonly allowed: false
  /** The first check that failed (PROV-050); `denied_check` of FR-EVT-CLOUD-003. */
  readonly check: CloudCheck
  readonly code: CloudRefusalCode
  /** Shown beside the error code: there is no valid receipt (PROV-054). */
  readonly status_code?: 'CX-MM-CONSENT-MISSING'
  /** What was expected and is not so; names fields, never contents. */
  readonly reason: string
}

/** The use is recorded; what FR-EVT-CLOUD-004 needs before a byte leaves (PROV-056). */
export interface CloudPermission {
  readonly allowed: true
  readonly request_id: string
  readonly consent_receipt_id: string
  readonly projection_plan_id: string
  readonly consent_scope: ConsentScope
  readonly payload_sha256: Hash
}

export type CloudCallDecision = CloudPermission | CloudRefusal

export interface ConsentPorts {
  /** Holds the receipts and their uses; see `prepareTables`. */
  readonly database: SqlDatabase
  readonly isHuman: IsHuman
}

const CODES: Readonly<Record<CloudCheck, CloudRefusalCode>> = {
  C1: 'HSK-403-TIER-MISMATCH',
  C2: 'HSK-403-LOCKED',
  C3: 'HSK-403-CLOUD-DISABLED',
  C4: 'HSK-403-CLOUD-DISABLED',
  C5: 'HSK-403-CONSENT-MISSING',
  C6: 'HSK-403-CONSENT-INVALID',
  C7: 'HSK-403-CONSENT-INVALID',
  C8: 'HSK-403-CONSENT-INVALID',
  C9: 'HSK-403-CONSENT-INVALID',
  C10: 'HSK-403-CONSENT-INVALID',
  C11: 'HSK-403-CONSENT-INVALID',
  C12: 'CloudLeakageBlocked',
  C13: 'HSK-403-CONSENT-INVALID',
}

/** No valid receipt for this call, as opposed to one that does not fit its bytes. */
const WITHOUT_CONSENT: ReadonlySet<CloudCheck> = new Set(['C5', 'C6', 'C7', 'C8', 'C13'])

export function refuse(check: CloudCheck, reason: string): CloudRefusal {
  const statusCode = WITHOUT_CONSENT.has(check) ? ({ status_code: 'CX-MM-CONSENT-MISSING' } as const) : {}
  return { allowed: false, check, code: CODES[check], ...statusCode, reason }
}
