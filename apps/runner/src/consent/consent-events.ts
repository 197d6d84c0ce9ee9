import { moveJob, openFence, readJob } from '@ctxlock/ace-validators/poisoning'
import type { ConsentReceipt, ConsentRequest } from '@ctxlock/contracts/consent'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { answerConsentRequest, lastConsentRequest, type CloudPermission, type CloudRefusal } from '@ctxlock/governance'

import type { callEventBase } from '../governed-call/event-base.ts'
import { runPoisoned } from '../run/poisoned-run.ts'
import { endSessions } from '../session/end-sessions.ts'
import type { Session } from '../session/session.ts'
import { consentReceipt, type GivenAnswer } from './consent-terms.ts'
import { isPerson } from './person-id.ts'

type EventBase = ReturnType<typeof callEventBase>

/** FR-EVT-CLOUD-001: somebody wants to call a cloud model. With a plan a human is asked, which is an event of its own (PROV-075). */
export function recordAsked(session: Session, base: EventBase, asked: Escalation, plan?: ConsentRequest['plan']): void {
  session.recorder.recordAll([
    {
      ...base,
      fr_event_id: 'FR-EVT-CLOUD-001',
      type: 'cloud_escalation_requested',
      payload: {
        ...asked,
        wp_id: base.wp_id,
        mt_id: base.mt_id,
        ...(plan && { projection_plan_id: plan.projection_plan_id }),
      },
    },
    ...(plan
      ? [
          {
            ...base,
            fr_event_id: 'FR-EVT-GOV-004' as const,
            type: 'gov_human_intervention_requested' as const,
            payload: decision(session, asked.request_id, plan.projection_plan_id),
          },
        ]
      : []),
  ])
}

/** What every CLOUD event says of the call. */
export interface Escalation {
  readonly request_id: string
  readonly reason: string
  readonly requested_model_id: string
}

/** FR-EVT-CLOUD-003 with the check that failed; the call is not made. */
export function recordRefused(
  session: Pick<Session, 'recorder'>,
  base: EventBase,
  asked: Escalation,
  { check }: CloudRefusal,
): void {
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-CLOUD-003',
    type: 'cloud_escalation_denied',
    payload: { ...asked, outcome: 'denied', denied_check: check },
  })
}

/** FR-EVT-CLOUD-004, durable before a byte leaves (PROV-056). */
export function recordExecuted(
  session: Pick<Session, 'recorder'>,
  base: EventBase,
  asked: Escalation & { readonly session_id: string },
  allowed: CloudPermission,
): void {
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-CLOUD-004',
    type: 'cloud_escalation_executed',
    payload: {
      ...asked,
      projection_plan_id: allowed.projection_plan_id,
      consent_receipt_id: allowed.consent_receipt_id,
      outcome: 'executed',
      payload_sha256: allowed.payload_sha256,
      consent_scope: allowed.consent_scope,
    },
  })
}

/**
 * Stores a human's answer and records it, both or neither: FR-EVT-CLOUD-002 or -003, and FR-EVT-GOV-005. Throws `REQUEST_ANSWERED`, and
 * `JOB_POISONED` for a job that is over by a poisoning: of itself, or of the one it worked for.
 */
export function takeAnswer(session: Session, asked: ConsentRequest, given: GivenAnswer): ConsentReceipt {
  const { request, plan: shown } = asked
  const { receipt, plan } = consentReceipt(asked, given)
  const { projection_plan_id } = plan
  const base = {
    actor: 'human' as const,
    trace_id: given.uuid(),
    job_id: asked.job_id,
    workflow_run_id: given.runId,
    ...(request.session_id !== undefined && { model_session_id: request.session_id }),
    wp_id: request.wp_id,
    mt_id: request.mt_id,
  }
  const { request_id, reason, requested_model_id } = request
  const answered = {
    request_id,
    reason,
    requested_model_id,
    projection_plan_id,
    consent_receipt_id: receipt.consent_receipt_id,
  }
  inTransaction(session.state.database, () => {
    const job = readJob(session.state.database, asked.job_id)
    if (job?.state === 'poisoned' || job?.reason === 'parent_poisoned') throw runPoisoned(asked.run_id)
    answerConsentRequest(session.state.database, request_id, { receipt, plan }, { now: given.now, isHuman: isPerson })
    if (!given.approved) endQuestion(session, asked, given.runId)
    session.recorder.recordAll([
      given.approved
        ? {
            ...base,
            fr_event_id: 'FR-EVT-CLOUD-002',
            type: 'cloud_escalation_approved',
            payload: { ...answered, outcome: 'approved' },
          }
        : {
            ...base,
            fr_event_id: 'FR-EVT-CLOUD-003',
            type: 'cloud_escalation_denied',
            payload: { ...answered, outcome: 'denied' },
          },
      {
        ...base,
        fr_event_id: 'FR-EVT-GOV-005',
        type: 'gov_human_intervention_received',
        payload: {
          ...decision(session, request_id, shown.projection_plan_id),
          decision: given.approved ? 'approve' : 'reject',
          user_id: given.userId,
        },
      },
    ])
  })
  return receipt
}

/** A question that waits is over with a no to what it waits for; a task goes on without these bytes. */
function endQuestion(session: Session, { request, job_id, run_id }: ConsentRequest, runId: string): void {
  const { database } = session.state
  const job = readJob(database, job_id)
  const isLast = lastConsentRequest(database, run_id)?.asked.request.request_id === request.request_id
  if (!isLast || job?.state !== 'awaiting_user' || job.parent_job_id !== null) return
  moveJob(database, openFence(database, job_id), 'failed')
  const sessions = session.modelSessions.ofRun(run_id)
  endSessions(session, runId, sessions, { state: 'CANCELLED', reason: 'consent_denied' })
}

function decision(session: Pick<Session, 'automationLevel'>, requestId: string, planId: string) {
  return {
    decision_id: requestId,
    gate_type: 'cloud_escalation',
    target_ref: planId,
    automation_level: session.automationLevel,
  }
}
