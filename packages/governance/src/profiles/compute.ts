import type { ModelTier, Timestamp } from '@ctxlock/contracts/primitives'
import type { ModelAssignment } from '@ctxlock/contracts/work-profile'

type Compute = NonNullable<ModelAssignment['compute']>

/** Settings that were asked for and are not in force. `CX-MM-005` is informational (PROV-069). */
export type ComputeNotice = 'CX-MM-005' | 'approximation_refused'

export interface EffectiveCompute {
  readonly compute: {
    readonly speed_preset: NonNullable<Compute['speed_preset']>
    readonly approximate: boolean
    readonly exec_policy_override?: string
    readonly cloud_reasoning_strength?: string
  }
  readonly notices: readonly ComputeNotice[]
}

/**
 * The compute hints as they will be applied (PROV-070): a reasoning strength only for cloud models; approximation only
 * under a waiver that is active at `now`, else `fast_approx` becomes `fast_exact`.
 */
export function effectiveCompute(requested: Compute = {}, tier: ModelTier, now: Timestamp): EffectiveCompute {
  const { speed_preset = 'standard', approximate, exec_policy_override, cloud_reasoning_strength } = requested
  const notices: ComputeNotice[] = []
  const waived = isWaived(approximate, now)
  if (!waived && (approximate?.allowed || speed_preset === 'fast_approx')) notices.push('approximation_refused')
  const strength = tier === 'cloud' ? cloud_reasoning_strength : undefined
  if (cloud_reasoning_strength !== undefined && strength === undefined) notices.push('CX-MM-005')
  return {
    compute: {
      speed_preset: speed_preset === 'fast_approx' && !waived ? 'fast_exact' : speed_preset,
      approximate: waived,
      ...(exec_policy_override !== undefined && { exec_policy_override }),
      ...(strength !== undefined && { cloud_reasoning_strength: strength }),
    },
    notices,
  }
}

/** A waiver without an end is none. */
function isWaived(approximate: Compute['approximate'], now: Timestamp): boolean {
  const { allowed = false, waiver_ref, waiver_expires_at } = approximate ?? {}
  return allowed && waiver_ref !== undefined && waiver_expires_at !== undefined && now < waiver_expires_at
}
