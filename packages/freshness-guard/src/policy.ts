import { ContextPackPolicy, DEFAULT_CONTEXT_PACK_POLICY, type RegenerationDenial } from '@ctxlock/contracts/freshness'
import type { DeterminismMode } from '@ctxlock/contracts/primitives'

import { FreshnessError } from './freshness-error.ts'

export type PolicyLint =
  | 'context_pack_policy:unsatisfiable'
  | 'context_pack_policy:stale_handling_ignored'
  | 'context_pack_policy:fallback_upgraded'

/**
 * The policy of a profile, frozen so that it stays what the job pinned (FG-006). `undefined`, a profile that states none,
 * gives the default (FG-001, FG-002). Throws `POLICY_INVALID` for unknown, missing or wrong fields (FG-003).
 */
export function parsePolicy(value: unknown): Readonly<ContextPackPolicy> {
  if (value === undefined) return DEFAULT_CONTEXT_PACK_POLICY
  const parsed = ContextPackPolicy.safeParse(value)
  if (parsed.success) return Object.freeze(parsed.data)
  const places = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'policy'}: ${issue.code}`)
  throw new FreshnessError(
    'POLICY_INVALID',
    `A context pack policy needs exactly regen_allowed (true or false), regen_required (true or false) and stale_handling ` +
      `("fallback", "fail" or "degrade_and_fallback"); wrong here: ${places.join(', ')}.`,
  )
}

/** Settings that will not do what they seem to say; to be shown when a profile is loaded (FG-005). */
export function lintPolicy(policy: ContextPackPolicy): PolicyLint[] {
  const { regen_allowed, regen_required, stale_handling } = policy
  const lints: PolicyLint[] = []
  if (regen_required && !regen_allowed) lints.push('context_pack_policy:unsatisfiable')
  if (!regen_required && stale_handling !== 'fallback') lints.push('context_pack_policy:stale_handling_ignored')
  if (regen_required && stale_handling === 'fallback') lints.push('context_pack_policy:fallback_upgraded')
  return lints
}

/** What stands between the policy flag and a rebuild. Every fact is the host's own finding, not the builder's claim. */
export interface RegenerationGates {
  /** The job may run `refresh_context_pack`. */
  readonly capability: boolean
  /** A human consented to what the builder below does beyond reading exportable sources locally. */
  readonly consent: boolean
  readonly builder: {
    readonly deterministic: boolean
    readonly callsCloudModel: boolean
    readonly touchesNonExportableSources: boolean
  }
  readonly determinismMode: DeterminismMode
}

/** Policy value and effective value of `regen_allowed`, and the gate that denied (FG-004). */
export interface EffectiveRegeneration {
  readonly allowedByPolicy: boolean
  readonly allowed: boolean
  readonly deniedBy: RegenerationDenial | null
}

/** Asks the gates in the order policy, capability, consent, determinism; the first denial is the recorded one (FG-004, FG-019). */
export function effectiveRegeneration(policy: ContextPackPolicy, gates: RegenerationGates): EffectiveRegeneration {
  const deniedBy = firstDenial(policy, gates)
  return { allowedByPolicy: policy.regen_allowed, allowed: deniedBy === null, deniedBy }
}

function firstDenial(policy: ContextPackPolicy, gates: RegenerationGates): RegenerationDenial | null {
  const { builder } = gates
  if (!policy.regen_allowed) return 'policy'
  if (!gates.capability) return 'capability'
  if ((builder.callsCloudModel || builder.touchesNonExportableSources) && !gates.consent) return 'consent'
  if (gates.determinismMode === 'strict' && !builder.deterministic) return 'determinism'
  return null
}
