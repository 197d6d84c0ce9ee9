import { bytesHash, hashesEqual } from '@ctxlock/core-hash'
import { CloudEscalationBundle } from '@ctxlock/contracts/consent'
import type { ProjectionPlan } from '@ctxlock/contracts/consent'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { refuse, type CloudCall, type CloudCallDecision, type CloudRefusal, type ConsentPorts } from './cloud-call.ts'
import { isDenied } from './consent-requests.ts'
import { disclosureHash } from './disclosure.ts'
import { isSameRecord, readReceipt, type StoredReceipt } from './receipt-store.ts'
import { countEscalations, isUsed, recordUse } from './receipt-use.ts'
import { scopeProblem } from './scope.ts'

/** The checks that need nothing but the call. */
type Check = (call: CloudCall, ports: ConsentPorts) => CloudRefusal | undefined
/** The checks of a bundle whose parts agree, against the receipt as it is stored. */
type BundleCheck = (
  call: CloudCall,
  bundle: CloudEscalationBundle,
  stored: StoredReceipt,
  ports: ConsentPorts,
) => CloudRefusal | undefined

const BEFORE_CONSENT: readonly Check[] = [tierIsCloud, isNotLocked, profileAllows, assignmentAllows]
const OF_CONSENT: readonly BundleCheck[] = [
  receiptIsValid,
  scopeCovers,
  bytesAreThePlanned,
  sizeIsWithin,
  destinationIsDisclosed,
  leakageGuardPassed,
]

/**
 * CloudEscalationGuard: the checks C1 to C13 in order, first failure wins (PROV-050). All of them run in one transaction
 * that also records the use, so that two callers cannot both spend one receipt. Nothing may be sent unless the answer is
 * `allowed` and, when a transaction of the caller's own encloses this one, that has been committed.
 */
export function checkCloudCall(call: CloudCall, ports: ConsentPorts): CloudCallDecision {
  return inTransaction(ports.database, () => judge(call, ports, useIsRecorded))
}

/**
 * The same checks for a call that was let through and then had to wait, such as for its turn: its consent may have ended meanwhile
 * (PROV-054, MT-064). Spends nothing; C13 is that the use is on record. To be asked in the transaction after which the bytes leave.
 */
export function recheckCloudCall(call: CloudCall, ports: ConsentPorts): CloudCallDecision {
  return judge(call, ports, useIsOnRecord)
}

function judge(call: CloudCall, ports: ConsentPorts, lastCheck: BundleCheck): CloudCallDecision {
  for (const check of BEFORE_CONSENT) {
    const refusal = check(call, ports)
    if (refusal) return refusal
  }
  if (call.bundle === undefined || call.bundle === null) return refuse('C5', 'a cloud call carries a consent bundle')
  const parsed = CloudEscalationBundle.safeParse(call.bundle)
  if (!parsed.success) return refuse('C6', 'the bundle is not a request, a plan and a receipt of the known schemas')
  const bundle = parsed.data
  // A receipt nobody handed in was not given by a human, whatever it says of itself.
  const stored = readReceipt(ports.database, bundle.receipt.consent_receipt_id)
  const disagreement = idsDisagree(bundle) ?? plansDisagree(bundle, stored)
  if (disagreement !== undefined) return refuse('C6', disagreement)
  if (!stored) return refuse('C7', 'the receipt was stored when a human gave it')
  for (const check of [...OF_CONSENT, lastCheck]) {
    const refusal = check(call, bundle, stored, ports)
    if (refusal) return refusal
  }
  return {
    allowed: true,
    request_id: bundle.request.request_id,
    consent_receipt_id: stored.receipt.consent_receipt_id,
    projection_plan_id: bundle.plan.projection_plan_id,
    consent_scope: stored.receipt.consent_scope,
    payload_sha256: bundle.plan.payload_sha256,
  }
}

/** C1: a local call has no business on the cloud path. */
function tierIsCloud({ tier }: CloudCall) {
  return tier === 'cloud' ? undefined : refuse('C1', 'the derived tier is cloud')
}

/** C2: whoever says LOCKED, job or profile, is heard (PROV-048). */
function isNotLocked({ automation_level, profile }: CloudCall) {
  const isLocked = automation_level === 'LOCKED' || profile.governance.automation_level === 'LOCKED'
  return isLocked ? refuse('C2', 'the automation level is not LOCKED') : undefined
}

/** C3: escalations of the job so far, and of earlier jobs of its run, not counting further calls of this one. */
function profileAllows(call: CloudCall, { database }: ConsentPorts) {
  const { profile, bundle } = call
  const { allow_cloud_escalation, max_cloud_escalations_per_job = 1 } = profile.governance
  if (!allow_cloud_escalation) return refuse('C3', 'the profile allows cloud escalation')
  const request = CloudEscalationBundle.shape.request.safeParse(requestOf(bundle))
  const others = countEscalations(database, call, request.success ? request.data.request_id : undefined)
  if (others < max_cloud_escalations_per_job) return undefined
  return refuse('C3', `the job escalates at most ${max_cloud_escalations_per_job} times`)
}

/** C4. */
function assignmentAllows({ assignment: { local_only, allowed_models }, model_id }: CloudCall) {
  if (local_only) return refuse('C4', 'the assignment is not local_only')
  return allowed_models?.includes(model_id) === false ? refuse('C4', 'the model is in allowed_models') : undefined
}

/** C6, the ids inside the bundle. */
function idsDisagree({ request, plan, receipt, parent_plan }: CloudEscalationBundle): string | undefined {
  const answered = parent_plan ?? plan
  const isWide = receipt.consent_scope !== 'SINGLE_CALL'
  if (isWide !== (parent_plan !== undefined)) return 'a parent plan is there exactly for a scope wider than one call'
  if (request.projection_plan_id !== plan.projection_plan_id) return 'the request names the plan'
  if (request.consent_receipt_id !== receipt.consent_receipt_id) return 'the request names the receipt'
  if (receipt.projection_plan_id !== answered.projection_plan_id) return 'the receipt names the plan that was shown'
  if (receipt.payload_sha256 !== answered.payload_sha256)
    return 'the receipt carries the hash of the plan that was shown'
  return undefined
}

/** C6, the plan that was shown: the very one, because the receipt's hash covers neither its model nor where it goes. */
function plansDisagree(
  { plan, parent_plan }: CloudEscalationBundle,
  stored: StoredReceipt | undefined,
): string | undefined {
  if (stored && !isSameRecord(stored.plan, parent_plan ?? plan)) return 'the plan is the one the human was shown'
  return parent_plan && parent_plan.payload_sha256 !== disclosureHash(parent_plan)
    ? 'the parent plan carries the hash of what it discloses'
    : undefined
}

/** C7: approved, by a human, not revoked, inside its validity; a wider receipt does not overrule the answer to the very request. */
function receiptIsValid(
  { now }: CloudCall,
  { request, receipt: carried }: CloudEscalationBundle,
  { receipt, revokedAt }: StoredReceipt,
  { database, isHuman }: ConsentPorts,
) {
  const { valid_from, valid_until, consent_scope } = receipt
  if (isDenied(database, request.request_id)) return refuse('C7', 'no human refused this request')
  if (!isSameRecord(receipt, carried)) return refuse('C7', 'the receipt is the one that was stored')
  if (!receipt.approved) return refuse('C7', 'the receipt approves')
  if (!isHuman(receipt.user_id)) return refuse('C7', 'the receipt was given by a human')
  if (revokedAt !== null || receipt.revoked_at !== undefined) return refuse('C7', 'the receipt is not revoked')
  const hasPeriod = valid_from !== undefined && valid_until !== undefined
  if (consent_scope !== 'SINGLE_CALL' && !hasPeriod) return refuse('C7', 'a wider scope has a period of validity')
  if (now < (valid_from ?? receipt.approved_at)) return refuse('C7', 'the receipt is valid already')
  return valid_until !== undefined && now >= valid_until ? refuse('C7', 'the receipt has not expired') : undefined
}

/** C8. */
function scopeCovers(call: CloudCall, bundle: CloudEscalationBundle, { receipt }: StoredReceipt) {
  const problem = scopeProblem(call, bundle, receipt)
  return problem === undefined ? undefined : refuse('C8', problem)
}

/** C9: hashed here, from the bytes (PROV-051). */
function bytesAreThePlanned({ prepared }: CloudCall, { plan }: CloudEscalationBundle) {
  const isPlanned = hashesEqual(bytesHash(prepared.body), plan.payload_sha256)
  return isPlanned ? undefined : refuse('C9', 'the bytes to send hash to payload_sha256 of the plan')
}

/** C10. */
function sizeIsWithin({ prepared }: CloudCall, { plan }: CloudEscalationBundle) {
  return prepared.body.length <= plan.max_bytes
    ? undefined
    : refuse('C10', `the body has at most ${plan.max_bytes} bytes`)
}

/** C11. */
function destinationIsDisclosed({ provider_id, prepared }: CloudCall, { plan }: { readonly plan: ProjectionPlan }) {
  if (provider_id !== plan.provider_id) return refuse('C11', 'the provider is the one disclosed')
  const origin = URL.parse(prepared.url)?.origin
  return origin === plan.endpoint_origin ? undefined : refuse('C11', 'the request goes to the origin disclosed')
}

/** C12: for the same bytes, or it did not pass. */
function leakageGuardPassed({ leakage }: CloudCall, { plan }: CloudEscalationBundle) {
  const isSame = leakage !== undefined && hashesEqual(leakage.payload_sha256, plan.payload_sha256)
  return isSame && leakage.passed ? undefined : refuse('C12', 'CloudLeakageGuard passed for the same bytes')
}

/** C13: the last check, so that a refused call spends nothing. */
function useIsRecorded(
  call: CloudCall,
  bundle: CloudEscalationBundle,
  { receipt }: StoredReceipt,
  { database }: ConsentPorts,
) {
  const problem = recordUse(database, call, bundle, receipt)
  return problem === undefined ? undefined : refuse('C13', problem)
}

/** C13 of a call that was let through before. */
function useIsOnRecord(call: CloudCall, bundle: CloudEscalationBundle, _: StoredReceipt, { database }: ConsentPorts) {
  return isUsed(database, call, bundle) ? undefined : refuse('C13', 'the use of the receipt is on record')
}

function requestOf(bundle: unknown): unknown {
  return typeof bundle === 'object' && bundle !== null ? Reflect.get(bundle, 'request') : undefined
}
