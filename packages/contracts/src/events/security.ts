import { z } from 'zod'

import { Count, Hash, JobState, Timestamp, Uuid } from '../primitives.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { CandidateId, EventCode, EventIdentifier } from './fields.ts'

/** Where a pattern matched. Never the matched text or what stands around it (REC-020). */
const InjectionMatch = z.strictObject({
  pattern_id: EventIdentifier,
  view_id: EventCode,
  candidate_id: CandidateId.nullable(),
  source_ref_hash: Hash.nullable(),
  content_hash: Hash,
  offset: Count,
  length: Count,
  table_version: EventIdentifier,
})

const SecurityViolation = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-SEC-VIOLATION', 'security_violation'),
  payload: z.strictObject({
    violation_id: Uuid,
    violation_type: z.enum([
      'prompt_injection',
      'cloud_leakage',
      'job_boundary',
      'local_payload',
      'role_mismatch',
      'constraints_weakened',
      'pack_tamper',
      'secret_in_content',
      'ssrf_blocked',
      'tier_mismatch',
      'consent_violation',
      'capability_violation',
    ]),
    severity: z.enum(['low', 'medium', 'high', 'critical']),
    guard: EventCode,
    error_code: EventCode,
    action_taken: z.enum(['poisoned', 'blocked', 'quarantined']),
    job_state_from: JobState,
    job_state_to: JobState,
    nodes_terminated: Count,
    child_jobs_cancelled: Count,
    mutation_fence: z.boolean(),
    matches: z.array(InjectionMatch).max(16).exactOptional(),
    subject_refs: z.array(Hash).max(16).exactOptional(),
    context_snapshot_id: Uuid.nullable(),
    policy_profile_id: EventIdentifier,
    /** Hash of `[job_id, violation_type, guard, sorted content hashes]`; a second record of it is ignored (REC-021). */
    idempotency_key: Hash,
  }),
})

/** Hits that a person's waiver holds harmless are in what is about to be sent. */
const InjectionWaived = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-WAIVE-001', 'injection_waived'),
  payload: z.strictObject({
    waiver_id: Hash,
    approver: EventIdentifier,
    expires_at: Timestamp,
    /** How many; the first of them follow. */
    count: z.int().min(1),
    matches: z.array(InjectionMatch).min(1).max(16),
    context_snapshot_id: Uuid,
    policy_profile_id: EventIdentifier,
  }),
})

export const SECURITY_EVENTS = [SecurityViolation, InjectionWaived] as const
