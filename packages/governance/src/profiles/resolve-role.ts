import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { ModelTier, ParameterClass, Timestamp } from '@ctxlock/contracts/primitives'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import type { ProviderRegistry } from '../providers/provider-registry.ts'
import type { DeriveTier } from '../providers/tier.ts'
import { effectiveAssignment, type EffectiveAssignment, type TaskFacts } from './assignment.ts'
import {
  candidatesOf,
  compareCandidates,
  namedModels,
  selectionPolicy,
  type Candidate,
  type ModelAtProvider,
  type SelectionPolicy,
} from './candidate.ts'
import { effectiveCompute, type EffectiveCompute } from './compute.ts'

export interface RoutingContext {
  readonly registry: ProviderRegistry
  readonly deriveTier: DeriveTier
  /** Loaded and callable, by probe (PROV-009). */
  readonly isReady: (model: ModelAtProvider) => boolean
  /** True when the provider's own model record says that another machine serves the model. Default: not known. */
  readonly isRemote?: (model: ModelAtProvider) => boolean
  /** ModelScore from logged telemetry; `undefined` sorts last (PROV-067, PROV-068). */
  readonly score?: (model: ModelAtProvider) => number | undefined
  /** Decides whether a waiver is still active. */
  readonly now: Timestamp
}

export type RejectionReason =
  | 'not_allowed'
  | 'no_provider'
  | 'provider_disabled'
  | 'tier_refused'
  | 'backend_mismatch'
  | 'local_only'
  | 'locked'
  | 'cloud_disabled'
  | 'not_ready'

export interface RejectedModel {
  readonly model_id: string
  /** `null` when no provider serves the model. */
  readonly provider_id: string | null
  readonly reason: RejectionReason
}

export interface ChosenModel extends ModelAtProvider, EffectiveCompute {
  /** Derived, for baseline, leakage guard and consent (PROV-046). */
  readonly tier: ModelTier
  readonly parameter_class: ParameterClass
}

/** For FR-EVT-PROFILE-003. Without a model: `CX-MM-001`. */
export type RoleResolution = {
  readonly profile_id: string
  readonly role: RuntimeRole
  readonly selection_policy: SelectionPolicy
  readonly assignment: ModelAssignment
  readonly assignment_source: EffectiveAssignment['source']
  readonly rejected: readonly RejectedModel[]
  /** Those that could serve as well and stand behind the chosen one, in order. */
  readonly outranked: readonly ModelAtProvider[]
} & ({ readonly chosen: ChosenModel } | { readonly chosen: null; readonly code: 'CX-MM-001' })

/**
 * The model that serves a role (PROV-066): assignment in force, candidates, removal of what may not or cannot serve, order,
 * first. Pure: the same profile, registry and answers of the functions passed give the same result (PROV-026).
 */
export function resolveRole(
  profile: WorkProfile,
  role: RuntimeRole,
  context: RoutingContext,
  task: TaskFacts = {},
): RoleResolution {
  const { assignment, source } = effectiveAssignment(profile, role, task)
  const policy = selectionPolicy(profile)
  const { accepted, rejected } = sift(profile, assignment, context)
  const [first, ...others] = accepted.sort(compareCandidates(policy, context.score ?? (() => undefined)))
  const resolution = {
    profile_id: profile.profile_id,
    role,
    selection_policy: policy,
    assignment,
    assignment_source: source,
    rejected,
    outranked: others.map(({ provider_id, model_id }) => ({ provider_id, model_id })),
  }
  if (!first) return { ...resolution, chosen: null, code: 'CX-MM-001' }
  const { provider_id, model_id, tier, parameterClass } = first
  const compute = effectiveCompute(assignment.compute, tier, context.now)
  return { ...resolution, chosen: { provider_id, model_id, tier, parameter_class: parameterClass, ...compute } }
}

type Accepted = Omit<Candidate, 'tier'> & { readonly tier: ModelTier }

/** Parts the candidates of an assignment into those that can serve and those that may not or cannot, each with its reason. */
function sift(profile: WorkProfile, assignment: ModelAssignment, context: RoutingContext) {
  const accepted: Accepted[] = []
  const rejected: RejectedModel[] = []
  for (const [position, named] of namedModels(profile, assignment).entries()) {
    const candidates = candidatesOf(named, position, context.registry, context.deriveTier, context.isRemote ?? isNot)
    if (candidates.length === 0) rejected.push({ model_id: named.model_id, provider_id: null, reason: 'no_provider' })
    for (const candidate of candidates) {
      const { tier, provider_id, model_id } = candidate
      const reason = rejectionOf(candidate, profile, assignment, context)
      if (reason) rejected.push({ model_id, provider_id, reason })
      else if (tier) accepted.push({ ...candidate, tier })
    }
  }
  return { accepted, rejected }
}

function isNot(): boolean {
  return false
}

/** The first reason against a candidate. What policy forbids comes before what merely is not there. */
function rejectionOf(
  { provider, provider_id, model_id, tier, claimedBackend }: Candidate,
  { governance }: WorkProfile,
  { allowed_models, local_only }: ModelAssignment,
  { isReady }: RoutingContext,
): RejectionReason | undefined {
  if (allowed_models && !allowed_models.includes(model_id)) return 'not_allowed'
  if (tier === null) return 'tier_refused'
  if (claimedBackend !== undefined && claimedBackend !== tier) return 'backend_mismatch'
  if (tier === 'cloud' && local_only) return 'local_only'
  if (tier === 'cloud' && governance.automation_level === 'LOCKED') return 'locked'
  if (tier === 'cloud' && !governance.allow_cloud_escalation) return 'cloud_disabled'
  if (!provider.enabled) return 'provider_disabled'
  // Asked last: a probe may cost something, and nothing is asked about a model that may not be used.
  return isReady({ provider_id, model_id }) ? undefined : 'not_ready'
}
