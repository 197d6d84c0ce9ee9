import type { CloudEscalationBundle, ConsentReceipt } from '@ctxlock/contracts/consent'

import type { CloudCall } from './cloud-call.ts'
import { fieldsOutside } from './disclosure.ts'

/** What a receipt does not cover of a call, or `undefined` when it covers session, work unit and model (PROV-052, PROV-053). */
export function scopeProblem(
  call: CloudCall,
  { request, plan, parent_plan }: CloudEscalationBundle,
  receipt: ConsentReceipt,
): string | undefined {
  if (request.requested_model_id !== call.model_id) return 'the requested model is the one called'
  if (!plan.model_ids.includes(call.model_id)) return 'the plan discloses the model'
  if (request.wp_id !== call.wp_id || request.mt_id !== call.mt_id) return 'the request is of this work unit'
  if ((request.session_id ?? null) !== call.session_id) return 'the request is of this session'
  const outside = parent_plan ? fieldsOutside(parent_plan, plan) : []
  if (outside.length > 0) return `the plan stays inside its parent plan; ${outside.join(', ')} does not`
  if (!isOwn(plan.job_id, call.job_id)) return 'the plan is of this job'
  for (const { wp_id, mt_id } of [plan, { wp_id: receipt.wp_id, mt_id: undefined }]) {
    if (!isOwn(wp_id, call.wp_id) || !isOwn(mt_id, call.mt_id)) return 'plan and receipt are of this work unit'
  }
  return sessionProblem(call, plan.session_ids, receipt)
}

function sessionProblem(
  { session_id }: CloudCall,
  planned: readonly string[] | undefined,
  { consent_scope, session_ids, wp_id }: ConsentReceipt,
): string | undefined {
  const names = (list: readonly string[]) => session_id !== null && list.includes(session_id)
  if (planned && !names(planned)) return 'the plan names the session'
  if (session_ids && !names(session_ids)) return 'the receipt names the session'
  switch (consent_scope) {
    case 'SINGLE_CALL':
      // INV-CONSENT-001: where there is a session, somebody must have said which.
      return session_id === null || planned || session_ids ? undefined : 'plan or receipt names the session'
    case 'SESSION_SCOPED':
      return session_ids?.length === 1 ? undefined : 'a session receipt names exactly one session'
    case 'BROADCAST_SCOPED':
      return session_ids ? undefined : 'a broadcast receipt names every session'
    case 'WP_SCOPED':
      return wp_id === undefined ? 'a work packet receipt names its work packet' : undefined
  }
}

/** A bound that is stated holds; one that is not stated does not. */
function isOwn(stated: string | undefined, actual: string): boolean {
  return stated === undefined || stated === actual
}
