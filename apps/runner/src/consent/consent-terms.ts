import type { ConsentReceipt, ConsentRequest, ConsentScope, ProjectionPlan } from '@ctxlock/contracts/consent'
import { disclosureHash } from '@ctxlock/governance'

/** What a person agrees to beside the bytes they were shown. */
export interface ConsentTerms {
  readonly scope: ConsentScope
  readonly minutes: number
  /** For a scope wider than one call: at most so many calls, and so many bytes in all of them. */
  readonly maxCalls: number
  readonly maxBytes: number
  /** For a broadcast: the sessions it covers beside that of the call, every one by name (PROV-053). */
  readonly otherSessions?: readonly string[]
  /** Versions of sources that a wider scope covers; see `sourceReference`. */
  readonly covered: readonly string[]
}

export const ONE_CALL: ConsentTerms = { scope: 'SINGLE_CALL', minutes: 15, maxCalls: 1, maxBytes: 1, covered: [] }

export interface GivenAnswer {
  /** The run in which the answer is recorded: that of the call, or of the command that answers. */
  readonly runId: string
  readonly approved: boolean
  readonly userId: string
  readonly now: string
  readonly terms: ConsentTerms
  readonly surface: 'cloud_escalation_modal' | 'operator_console'
  readonly uuid: () => string
  /** Why, in the person's words; without secrets. */
  readonly notes?: string
}

/** The receipt of a person's answer, and the plan it answers: the call's own, or a parent plan for a wider scope (PROV-052). */
export function consentReceipt(
  { plan }: ConsentRequest,
  given: Omit<GivenAnswer, 'runId'>,
): { readonly receipt: ConsentReceipt; readonly plan: ProjectionPlan } {
  const { terms, now } = given
  const isWide = given.approved && terms.scope !== 'SINGLE_CALL'
  const sessions = isWide ? coveredSessions(plan, terms) : plan.session_ids
  const answered = isWide ? parentPlan(plan, given) : plan
  const receipt: ConsentReceipt = {
    schema_version: 'hsk.consent_receipt@0.4',
    consent_receipt_id: given.uuid(),
    projection_plan_id: answered.projection_plan_id,
    payload_sha256: answered.payload_sha256,
    approved: given.approved,
    approved_at: now,
    user_id: given.userId,
    ui_surface: given.surface,
    ...(given.notes !== undefined && { notes: given.notes }),
    consent_scope: isWide ? terms.scope : 'SINGLE_CALL',
    ...(sessions && { session_ids: sessions }),
    ...(plan.wp_id !== undefined && { wp_id: plan.wp_id }),
    valid_from: now,
    valid_until: new Date(Date.parse(now) + terms.minutes * 60_000).toISOString(),
    ...(isWide && { max_calls: terms.maxCalls, max_total_bytes: terms.maxBytes }),
  }
  return { receipt, plan: answered }
}

/**
 * Discloses several calls: to the same model at the same place, with any lines of the sources that are named by version, and
 * our own text around them. What a single call redacted is not promised for the next.
 */
function parentPlan(
  plan: ProjectionPlan,
  { terms, now, uuid }: Pick<GivenAnswer, 'terms' | 'now' | 'uuid'>,
): ProjectionPlan {
  const {
    job_id: _job,
    mt_id: _mt,
    session_ids: _sessions,
    estimated_tokens: _tokens,
    estimated_cost_usd: _cost,
    ...shared
  } = plan
  const sessions = coveredSessions(plan, terms)
  const parent: ProjectionPlan = {
    ...shared,
    projection_plan_id: uuid(),
    created_at: now,
    include_artifact_refs: [...new Set([...plan.include_artifact_refs, ...terms.covered])].toSorted(),
    redactions_applied: [],
    max_bytes: terms.maxBytes,
    ...(sessions && { session_ids: sessions }),
    ...(terms.scope === 'BROADCAST_SCOPED' && sessions && { fan_out_count: sessions.length }),
  }
  return { ...parent, payload_sha256: disclosureHash(parent) }
}

/** The sessions a wider consent names; undefined where it covers whatever session its work packet has. */
function coveredSessions({ session_ids = [] }: ProjectionPlan, { scope, otherSessions = [] }: ConsentTerms) {
  if (scope === 'WP_SCOPED') return undefined
  const sessions = [...new Set([...session_ids, ...(scope === 'BROADCAST_SCOPED' ? otherSessions : [])])].toSorted()
  return sessions.length === 0 ? undefined : sessions
}
