import { bytesHash } from '@ctxlock/core-hash'
import type { CloudEscalationBundle, CloudEscalationRequest, ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'

import { disclosureHash, type CloudCall } from '../index.ts'
import { assignment, NOW, profile } from './profiles.ts'

export const BODY = Buffer.from('{"model":"big","messages":[]}')
export const HUMAN = 'alice'
export const isHuman = (userId: string): boolean => userId === HUMAN

export function plan(changes: Partial<ProjectionPlan> = {}): ProjectionPlan {
  return {
    schema_version: 'hsk.projection_plan@0.4',
    projection_plan_id: 'plan-1',
    include_artifact_refs: ['file:src/a.ts'],
    redactions_applied: ['secrets'],
    max_bytes: 1000,
    payload_sha256: bytesHash(BODY),
    created_at: '2026-11-20T11:00:00.000Z',
    provider_id: 'cloudy',
    endpoint_origin: 'https://api.example.com',
    model_ids: ['big'],
    session_ids: ['s1'],
    ...changes,
  }
}

/** A plan for several calls: its hash is of what it discloses. */
export function parentPlan(changes: Partial<ProjectionPlan> = {}): ProjectionPlan {
  const parent = plan({ projection_plan_id: 'parent-1', ...changes })
  return { ...parent, payload_sha256: disclosureHash(parent) }
}

export function receipt(answered: ProjectionPlan, changes: Partial<ConsentReceipt> = {}): ConsentReceipt {
  return {
    schema_version: 'hsk.consent_receipt@0.4',
    consent_receipt_id: 'receipt-1',
    projection_plan_id: answered.projection_plan_id,
    payload_sha256: answered.payload_sha256,
    approved: true,
    approved_at: '2026-11-20T11:30:00.000Z',
    user_id: HUMAN,
    consent_scope: 'SINGLE_CALL',
    ...changes,
  }
}

export const WIDE: Partial<ConsentReceipt> = {
  valid_from: '2026-11-20T11:30:00.000Z',
  valid_until: '2026-11-20T13:00:00.000Z',
  max_calls: 3,
  max_total_bytes: 10_000,
}

export function request(changes: Partial<CloudEscalationRequest> = {}): CloudEscalationRequest {
  return {
    schema_version: 'hsk.cloud_escalation@0.4',
    request_id: 'request-1',
    wp_id: 'WP-1',
    mt_id: 'MT-001',
    reason: 'local levels failed',
    local_attempts: 4,
    last_error_summary: 'validation failed',
    requested_model_id: 'big',
    projection_plan_id: 'plan-1',
    consent_receipt_id: 'receipt-1',
    session_id: 's1',
    ...changes,
  }
}

export function singleCallBundle(): CloudEscalationBundle {
  return { request: request(), plan: plan(), receipt: receipt(plan()) }
}

/** A bundle under a wider receipt: the parent plan was shown, the plan is of this call. */
export function wideBundle(
  scope: Partial<ConsentReceipt>,
  parent: ProjectionPlan = parentPlan(),
): CloudEscalationBundle & { parent_plan: ProjectionPlan } {
  return {
    request: request(),
    plan: plan({ parent_plan_id: parent.projection_plan_id }),
    receipt: receipt(parent, { ...WIDE, ...scope }),
    parent_plan: parent,
  }
}

export function cloudCall(bundle: unknown, changes: Partial<CloudCall> = {}): CloudCall {
  return {
    tier: 'cloud',
    automation_level: 'AUTONOMOUS',
    profile: profile(assignment('big'), {
      governance: { automation_level: 'AUTONOMOUS', allow_cloud_escalation: true, max_cloud_escalations_per_job: 5 },
    }),
    assignment: { local_only: false, allowed_models: ['big', 'small'] },
    provider_id: 'cloudy',
    model_id: 'big',
    prepared: { url: 'https://api.example.com/v1/chat/completions', body: BODY },
    job_id: 'job-1',
    earlier_jobs: [],
    session_id: 's1',
    wp_id: 'WP-1',
    mt_id: 'MT-001',
    bundle,
    leakage: { passed: true, payload_sha256: bytesHash(BODY) },
    now: NOW,
    ...changes,
  }
}
