// What must exist before a byte goes to a cloud model (spec 06 section 8). None of these records holds the payload.
import { z } from 'zod'

import { Count, Hash, Identifier, Summary, Timestamp } from './primitives.ts'

/** A list of names that says exactly what may be transmitted; a set, sorted. */
const Names = z.array(z.string().min(1).max(4200)).max(10_000)

/**
 * What would be transmitted, to whom: shown before consent (PROV-049). `payload_sha256` is the hash of the exact bytes of
 * one call or, in a parent plan of a wider consent, of the canonical disclosure document (PROV-052).
 */
export const ProjectionPlan = z
  .strictObject({
    schema_version: z.literal('hsk.projection_plan@0.4'),
    projection_plan_id: Identifier,
    /** Exactly what may be transmitted. */
    include_artifact_refs: Names,
    include_fields: Names.exactOptional(),
    /** Categories of what was removed, such as `secrets`, `pii`, `tokens`. */
    redactions_applied: z.array(Identifier).max(256),
    /** The payload may not be larger, in bytes. */
    max_bytes: z.int().min(1),
    payload_sha256: Hash,
    created_at: Timestamp,
    provider_id: Identifier,
    /** Scheme, host and port, as the provider's base URL has them. */
    endpoint_origin: z.string().min(1).max(2048),
    model_ids: z.array(Identifier).min(1).max(256),
    job_id: Identifier.exactOptional(),
    wp_id: Identifier.exactOptional(),
    mt_id: Identifier.exactOptional(),
    session_ids: z.array(Identifier).max(256).exactOptional(),
    estimated_tokens: Count.exactOptional(),
    estimated_cost_usd: z.number().min(0).exactOptional(),
    fan_out_count: z.int().min(1).exactOptional(),
    parent_plan_id: Identifier.exactOptional(),
  })
  .meta({ id: 'ProjectionPlan' })
export type ProjectionPlan = z.infer<typeof ProjectionPlan>

export const ConsentScope = z.enum(['SINGLE_CALL', 'SESSION_SCOPED', 'WP_SCOPED', 'BROADCAST_SCOPED'])
export type ConsentScope = z.infer<typeof ConsentScope>

/** A human's answer to one plan (PROV-047, PROV-051). What a wider scope demands is checked by the consent guard. */
export const ConsentReceipt = z
  .strictObject({
    schema_version: z.literal('hsk.consent_receipt@0.4'),
    consent_receipt_id: Identifier,
    /** The plan that was shown: of the call, or the parent plan of a wider scope. */
    projection_plan_id: Identifier,
    payload_sha256: Hash,
    approved: z.boolean(),
    approved_at: Timestamp,
    /** A human. */
    user_id: Identifier,
    ui_surface: z.enum(['cloud_escalation_modal', 'settings', 'operator_console']).exactOptional(),
    notes: Summary.exactOptional(),
    consent_scope: ConsentScope,
    session_ids: z.array(Identifier).min(1).max(256).exactOptional(),
    wp_id: Identifier.exactOptional(),
    valid_from: Timestamp.exactOptional(),
    /** Exclusive. */
    valid_until: Timestamp.exactOptional(),
    max_calls: z.int().min(1).exactOptional(),
    max_total_bytes: z.int().min(1).exactOptional(),
    revoked_at: Timestamp.exactOptional(),
  })
  .meta({ id: 'ConsentReceipt' })
export type ConsentReceipt = z.infer<typeof ConsentReceipt>

export const CloudEscalationRequest = z
  .strictObject({
    schema_version: z.literal('hsk.cloud_escalation@0.4'),
    request_id: Identifier,
    wp_id: Identifier,
    mt_id: Identifier,
    reason: Summary,
    local_attempts: Count,
    /** Redacted. */
    last_error_summary: Summary,
    requested_model_id: Identifier,
    projection_plan_id: Identifier,
    consent_receipt_id: Identifier,
    /** Required when a session exists. */
    session_id: Identifier.exactOptional(),
  })
  .meta({ id: 'CloudEscalationRequest' })
export type CloudEscalationRequest = z.infer<typeof CloudEscalationRequest>

/** A cloud call that was put before a human: what is asked for, what was shown, and where the host finds its bytes again. */
export const ConsentRequest = z
  .strictObject({
    schema_version: z.literal('ctxlock.consent_request@1'),
    request: CloudEscalationRequest.omit({ consent_receipt_id: true }),
    plan: ProjectionPlan,
    /** The stored description from which the bytes are put together again; none of them stand in it. */
    request_manifest: Hash,
    run_id: Identifier,
    job_id: Identifier,
    created_at: Timestamp,
  })
  .meta({ id: 'ConsentRequest' })
export type ConsentRequest = z.infer<typeof ConsentRequest>

/** What a cloud call carries. `parent_plan` is there exactly when the receipt's scope is wider than one call. */
export const CloudEscalationBundle = z
  .strictObject({
    request: CloudEscalationRequest,
    plan: ProjectionPlan,
    receipt: ConsentReceipt,
    parent_plan: ProjectionPlan.exactOptional(),
  })
  .meta({ id: 'CloudEscalationBundle' })
export type CloudEscalationBundle = z.infer<typeof CloudEscalationBundle>

/** The checks of PROV-050, in their order. */
export const CloudCheck = z.enum(['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9', 'C10', 'C11', 'C12', 'C13'])
export type CloudCheck = z.infer<typeof CloudCheck>
