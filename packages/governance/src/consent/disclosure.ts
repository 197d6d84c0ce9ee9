import { canonicalHash } from '@ctxlock/core-hash'
import type { ProjectionPlan } from '@ctxlock/contracts/consent'
import type { Hash } from '@ctxlock/contracts/primitives'

/**
 * The hash a parent plan carries as `payload_sha256`: of everything it discloses, without its ids and time. One payload
 * hash cannot cover many calls; this one covers what they may contain and where they may go (PROV-052).
 */
export function disclosureHash(plan: ProjectionPlan): Hash {
  const { schema_version: _, projection_plan_id: _id, payload_sha256: _hash, created_at: _time, ...disclosed } = plan
  return canonicalHash(disclosed)
}

/** What a call's plan takes beyond its parent, by field; empty when it stays inside (PROV-052). */
export function fieldsOutside(parent: ProjectionPlan, plan: ProjectionPlan): string[] {
  const isWithin = {
    parent_plan_id: plan.parent_plan_id === parent.projection_plan_id,
    provider_id: plan.provider_id === parent.provider_id,
    endpoint_origin: plan.endpoint_origin === parent.endpoint_origin,
    max_bytes: plan.max_bytes <= parent.max_bytes,
    include_artifact_refs: isSubset(plan.include_artifact_refs, parent.include_artifact_refs),
    include_fields: isSubset(plan.include_fields ?? [], parent.include_fields ?? []),
    // What the human was told is removed must be removed in every call.
    redactions_applied: isSubset(parent.redactions_applied, plan.redactions_applied),
    model_ids: isSubset(plan.model_ids, parent.model_ids),
    session_ids: isSubset(plan.session_ids ?? [], parent.session_ids ?? plan.session_ids ?? []),
    wp_id: parent.wp_id === undefined || plan.wp_id === parent.wp_id,
    job_id: parent.job_id === undefined || plan.job_id === parent.job_id,
    mt_id: parent.mt_id === undefined || plan.mt_id === parent.mt_id,
  }
  return Object.entries(isWithin).flatMap(([field, within]) => (within ? [] : [field]))
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const members = new Set(whole)
  return part.every((item) => members.has(item))
}
