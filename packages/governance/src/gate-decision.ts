import type { EventOf } from '@ctxlock/contracts/events'
import type { AutoSignature, GateType, GovernanceDecision } from '@ctxlock/contracts/gate-decision'
import type { AutomationLevel } from '@ctxlock/contracts/primitives'
import { canonicalHash, uuidFromHash } from '@ctxlock/core-hash'

import { gateApprover, type GateApprover } from './gate-approver.ts'
import { GovernanceError } from './governance-error.ts'

export interface GateQuestion {
  readonly gate_type: GateType
  /** What is to be approved. */
  readonly target_ref: string
  readonly automation_level: AutomationLevel
  /** 0..1, of the model that would approve. */
  readonly confidence: number
  /** One line. */
  readonly rationale: string
  readonly evidence_refs?: readonly string[]
  readonly model_id: string
}

type GateEventType =
  | 'gov_decision_created'
  | 'gov_auto_signature_created'
  | 'gov_decision_applied'
  | 'gov_human_intervention_requested'
/** The host adds the envelope. */
export type GateEvent = {
  [Type in GateEventType]: Pick<EventOf<Type>, 'fr_event_id' | 'type' | 'payload'>
}[GateEventType]

export interface GateResult {
  readonly approver: GateApprover
  /** Absent where a human has to decide. */
  readonly decision?: GovernanceDecision
  /** Present exactly when a machine approved. */
  readonly signature?: AutoSignature
  /** To be recorded in this order, and the records stored, before the gate is passed (REC-013). */
  readonly events: readonly GateEvent[]
}

/**
 * What comes of a gate at `now`, a canonical timestamp: an approval with its signature where the level lets a machine approve, a
 * rejection or deferral where nobody may or the level is LOCKED (PROV-061), and otherwise the question to a human (PROV-073 to
 * PROV-075). The ids follow from the question: asked again it is the same decision. Throws `GOVERNANCE_INVALID` for a confidence
 * outside 0..1.
 */
export function decideGate(question: GateQuestion, now: string): GateResult {
  const { automation_level, gate_type, confidence } = question
  if (!(confidence >= 0 && confidence <= 1))
    throw new GovernanceError('GOVERNANCE_INVALID', 'Expected a confidence from 0 to 1.')
  const approver = gateApprover(automation_level, gate_type, confidence)
  switch (approver) {
    case 'automatic':
      return approved(question, now)
    case 'halt':
      return refused(question, approver, 'defer', now)
    case 'blocked':
      return refused(question, approver, 'reject', now)
    case 'human':
    case 'human_review':
      return {
        approver,
        events: [
          {
            fr_event_id: 'FR-EVT-GOV-004',
            type: 'gov_human_intervention_requested',
            payload: payloadOf(question),
          },
        ],
      }
  }
}

function approved(question: GateQuestion, now: string): GateResult {
  const { gate_type, target_ref, model_id } = question
  // The table of approvers lets a machine approve neither; who changes it meets this.
  if (gate_type === 'cloud_escalation' || gate_type === 'policy_violation')
    throw new GovernanceError('GOVERNANCE_INVALID', `No machine signs a gate of type ${gate_type}.`)
  const decision = decisionOf(question, 'approve', now)
  const payload = { ...payloadOf(question), decision: decision.decision }
  return {
    approver: 'automatic',
    decision,
    signature: {
      schema_version: 'hsk.auto_signature@0.1',
      auto_signature_id: uuidFromHash(canonicalHash(['auto_signature', decision.decision_id])),
      decision_id: decision.decision_id,
      gate_type,
      target_ref,
      created_at: now,
      actor: { kind: 'model', model_id },
    },
    events: [
      { fr_event_id: 'FR-EVT-GOV-001', type: 'gov_decision_created', payload },
      { fr_event_id: 'FR-EVT-GOV-003', type: 'gov_auto_signature_created', payload },
      { fr_event_id: 'FR-EVT-GOV-002', type: 'gov_decision_applied', payload },
    ],
  }
}

function refused(
  question: GateQuestion,
  approver: 'halt' | 'blocked',
  verdict: 'defer' | 'reject',
  now: string,
): GateResult {
  const payload = { ...payloadOf(question), decision: verdict }
  return {
    approver,
    decision: decisionOf(question, verdict, now),
    events: [{ fr_event_id: 'FR-EVT-GOV-001', type: 'gov_decision_created', payload }],
  }
}

function decisionOf(question: GateQuestion, decision: GovernanceDecision['decision'], now: string): GovernanceDecision {
  const { gate_type, target_ref, confidence, rationale, evidence_refs, model_id } = question
  return {
    schema_version: 'hsk.gov_decision@0.4',
    decision_id: idOf(question),
    gate_type,
    target_ref,
    decision,
    confidence,
    rationale,
    ...(evidence_refs && { evidence_refs: [...evidence_refs] }),
    timestamp: now,
    actor: { kind: 'model', model_id },
  }
}

function payloadOf(question: GateQuestion) {
  const { gate_type, target_ref, automation_level, confidence, rationale, evidence_refs } = question
  return {
    decision_id: idOf(question),
    gate_type,
    target_ref,
    automation_level,
    confidence,
    rationale,
    ...(evidence_refs && { evidence_refs: [...evidence_refs] }),
  }
}

function idOf(question: GateQuestion): string {
  return uuidFromHash(canonicalHash({ ...question }))
}
