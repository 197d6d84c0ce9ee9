// Work profiles and governance decisions (REC-024, PROV-073..075).
import { z } from 'zod'

import { RuntimeRole } from '../packs.ts'
import { AutomationLevel } from '../primitives.ts'
import { ENVELOPE, named } from './envelope.ts'
import { EventCode, EventIdentifier, EventReference, EventText, listOf } from './fields.ts'

const selection = {
  profile_id: EventIdentifier,
  previous_profile_id: EventIdentifier.exactOptional(),
  automation_level: AutomationLevel.exactOptional(),
  allow_cloud_escalation: z.boolean().exactOptional(),
}

const ProfileSelected = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-PROFILE-001', 'work_profile_selected'),
  payload: z.strictObject(selection),
})
const ProfileChanged = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-PROFILE-002', 'work_profile_changed'),
  payload: z.strictObject({ ...selection, previous_profile_id: EventIdentifier }),
})
const ProfileResolved = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-PROFILE-003', 'work_profile_resolved'),
  payload: z.strictObject({
    profile_id: EventIdentifier,
    resolved_models: z.strictObject({
      frontend: EventIdentifier.exactOptional(),
      orchestrator: EventIdentifier.exactOptional(),
      worker: EventIdentifier.exactOptional(),
      validator: EventIdentifier.exactOptional(),
    }),
    role: RuntimeRole.exactOptional(),
    selection_policy: z.enum(['largest_available', 'explicit']).exactOptional(),
    rejected: listOf(z.strictObject({ model_id: EventIdentifier, reason: EventCode })).exactOptional(),
  }),
})

const Decision = z.strictObject({
  decision_id: EventIdentifier,
  gate_type: EventCode,
  target_ref: EventReference,
  automation_level: AutomationLevel,
  decision: z.enum(['approve', 'reject', 'defer']).exactOptional(),
  confidence: z.number().min(0).max(1).exactOptional(),
  rationale: EventText.exactOptional(),
  evidence_refs: listOf(EventReference).exactOptional(),
  wp_id: EventIdentifier.exactOptional(),
  mt_id: EventIdentifier.exactOptional(),
  user_id: EventIdentifier.exactOptional(),
})

const DecisionCreated = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-GOV-001', 'gov_decision_created'),
  payload: Decision,
})
const DecisionApplied = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-GOV-002', 'gov_decision_applied'),
  payload: Decision,
})
const AutoSignatureCreated = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-GOV-003', 'gov_auto_signature_created'),
  payload: Decision,
})
const InterventionRequested = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-GOV-004', 'gov_human_intervention_requested'),
  payload: Decision,
})
const InterventionReceived = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-GOV-005', 'gov_human_intervention_received'),
  payload: Decision,
})

export const GOVERNANCE_EVENTS = [
  ProfileSelected,
  ProfileChanged,
  ProfileResolved,
  DecisionCreated,
  DecisionApplied,
  AutoSignatureCreated,
  InterventionRequested,
  InterventionReceived,
] as const
