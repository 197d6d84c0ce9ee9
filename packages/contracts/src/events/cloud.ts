// Cloud escalation: exactly four ids, never a transmitted payload (REC-022, PROV-056).
import { z } from 'zod'

import { Count, Hash } from '../primitives.ts'
import { BY_HUMAN, BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { EventCode, EventIdentifier, EventText } from './fields.ts'

const escalation = { request_id: EventIdentifier, reason: EventText, requested_model_id: EventIdentifier }
const disclosure = { projection_plan_id: EventIdentifier, consent_receipt_id: EventIdentifier }

const EscalationRequested = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-CLOUD-001', 'cloud_escalation_requested'),
  payload: z.strictObject({
    ...escalation,
    wp_id: EventIdentifier.exactOptional(),
    mt_id: EventIdentifier.exactOptional(),
    local_attempts: Count.exactOptional(),
    last_error_summary: EventText.exactOptional(),
    projection_plan_id: EventIdentifier.exactOptional(),
  }),
})
const EscalationApproved = z.strictObject({
  ...ENVELOPE,
  ...BY_HUMAN,
  ...named('FR-EVT-CLOUD-002', 'cloud_escalation_approved'),
  payload: z.strictObject({ ...escalation, ...disclosure, outcome: z.literal('approved') }),
})
const EscalationDenied = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-CLOUD-003', 'cloud_escalation_denied'),
  payload: z.strictObject({
    ...escalation,
    projection_plan_id: EventIdentifier.exactOptional(),
    consent_receipt_id: EventIdentifier.exactOptional(),
    outcome: z.literal('denied'),
    denied_check: EventCode.exactOptional(),
  }),
})
const EscalationExecuted = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-CLOUD-004', 'cloud_escalation_executed'),
  payload: z.strictObject({
    ...escalation,
    ...disclosure,
    outcome: z.literal('executed'),
    payload_sha256: Hash.exactOptional(),
    consent_scope: z.enum(['SINGLE_CALL', 'SESSION_SCOPED', 'WP_SCOPED', 'BROADCAST_SCOPED']).exactOptional(),
    session_id: EventIdentifier.exactOptional(),
  }),
})

export const CLOUD_EVENTS = [EscalationRequested, EscalationApproved, EscalationDenied, EscalationExecuted] as const
