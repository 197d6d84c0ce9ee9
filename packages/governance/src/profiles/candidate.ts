import type { ModelTier, ParameterClass } from '@ctxlock/contracts/primitives'
import type { ProviderConfig } from '@ctxlock/contracts/provider'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import { LARGEST_FIRST } from '../providers/parameter-class.ts'
import { providersOfModel, type ProviderRegistry } from '../providers/provider-registry.ts'
import { effectiveTier, type DeriveTier } from '../providers/tier.ts'

export interface ModelAtProvider {
  readonly provider_id: string
  readonly model_id: string
}

/** One way to serve a role: a model at a provider, with its derived tier. */
export interface Candidate extends ModelAtProvider {
  readonly provider: ProviderConfig
  /** `null` when the network policy refuses the provider's entry; it must not be called. */
  readonly tier: ModelTier | null
  readonly parameterClass: ParameterClass
  /** The tier the profile's candidate list claims. */
  readonly claimedBackend: ModelTier | undefined
  /** Place in the list the profile gives. */
  readonly position: number
}

export type SelectionPolicy = 'explicit' | 'largest_available'

export interface NamedModel {
  readonly model_id: string
  readonly backend?: ModelTier
  readonly parameter_class?: ParameterClass
}

/** The models a role may be served by, in the order the profile names them (PROV-066). */
export function namedModels(profile: WorkProfile, assignment: ModelAssignment): readonly NamedModel[] {
  const { primary_model_id, fallback_model_id } = assignment
  const explicit = [primary_model_id, ...(fallback_model_id === undefined ? [] : [fallback_model_id])]
  const listed = profile.routing?.candidate_models ?? []
  return selectionPolicy(profile) === 'explicit' || listed.length === 0
    ? explicit.map((model_id) => ({ model_id }))
    : listed
}

/** `explicit` unless the profile says otherwise. */
export function selectionPolicy(profile: WorkProfile): SelectionPolicy {
  return profile.routing?.selection_policy ?? 'explicit'
}

/** Every provider that serves the named model; none is left out yet, so that each rejection has its reason. */
export function candidatesOf(
  named: NamedModel,
  position: number,
  registry: ProviderRegistry,
  deriveTier: DeriveTier,
  isRemote: (model: ModelAtProvider) => boolean,
): Candidate[] {
  return providersOfModel(registry, named.model_id).map((provider) => {
    const model = { provider_id: provider.provider_id, model_id: named.model_id }
    const configured = provider.models.find(({ model_id }) => model_id === named.model_id)
    const tier = effectiveTier(provider, { model_id: named.model_id, remote: isRemote(model) }, deriveTier)
    return {
      ...model,
      provider,
      tier: tier.accepted ? tier.tier : null,
      parameterClass: named.parameter_class ?? configured?.parameter_class ?? 'PUnknown',
      claimedBackend: named.backend,
      position,
    }
  })
}

type Ranked = Pick<Candidate, 'provider_id' | 'model_id' | 'tier' | 'parameterClass' | 'position'>

/**
 * Orders candidates by policy. Largest first: class, then score, then list position (PROV-067); explicit: list position.
 * Then model id and, among providers of one model, local before cloud and provider id: every order is total.
 */
export function compareCandidates(
  policy: SelectionPolicy,
  scoreOf: (model: ModelAtProvider) => number | undefined,
): (a: Ranked, b: Ranked) => number {
  const bySize = (a: Ranked, b: Ranked) =>
    LARGEST_FIRST.indexOf(a.parameterClass) - LARGEST_FIRST.indexOf(b.parameterClass) ||
    compare(knownScore(scoreOf(b)), knownScore(scoreOf(a)))
  return (a, b) =>
    (policy === 'largest_available' ? bySize(a, b) : 0) ||
    a.position - b.position ||
    compare(a.model_id, b.model_id) ||
    compare(b.tier ?? '', a.tier ?? '') ||
    compare(a.provider_id, b.provider_id)
}

/** Unknown sorts behind every known score. */
function knownScore(score: number | undefined): number {
  return score !== undefined && Number.isFinite(score) ? score : Number.NEGATIVE_INFINITY
}

function compare<T extends string | number>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}
