import type { ModelTier } from '@ctxlock/contracts/primitives'
import type { ProviderConfig } from '@ctxlock/contracts/provider'

/** The part of an entry that says where its requests go. */
export type NetworkEntry = Pick<ProviderConfig, 'base_url' | 'declared_tier' | 'network'>

/**
 * What the network policy says of an entry, without a lookup: `deriveTier` of provider-kit. It is the judgement by which the egress
 * connects, so that what is routed can be called.
 */
export type DeriveTier = (entry: NetworkEntry) => TierDecision

/** What is known of a model when its tier is asked for. */
export interface TieredModel {
  readonly model_id: string
  /** True when the provider's own model record says that another machine serves it. */
  readonly remote?: boolean
}

export type TierDecision =
  | { readonly accepted: true; readonly tier: ModelTier }
  | {
      readonly accepted: false
      readonly code: 'HSK-400-PROVIDER-CONFIG' | 'HSK-403-SSRF' | 'HSK-403-TIER-MISMATCH'
      /** The rule that refuses it, such as `tier_mismatch`, `address` or `scheme`. */
      readonly reason: string
    }

/** Names under which a server on this machine passes requests on to a cloud: `x:cloud`, `x:120b-cloud`, `x-cloud`. */
const CLOUD_NAME = /(?:^|[:-])cloud$/i

/**
 * The tier a call to this model really has; derived, not asserted (PROV-045): that of its provider's endpoint, and cloud wherever
 * the server runs for a model that another machine serves.
 */
export function effectiveTier(config: ProviderConfig, model: TieredModel, deriveTier: DeriveTier): TierDecision {
  const derived = deriveTier(config)
  return derived.accepted && isCloudServed(config, model) ? { accepted: true, tier: 'cloud' } : derived
}

/** An alias counts too: the server may answer with the model behind it (PROV-023). */
function isCloudServed(config: ProviderConfig, { model_id, remote }: TieredModel): boolean {
  const aliases = config.models.find((model) => model.model_id === model_id)?.aliases ?? []
  return remote === true || [model_id, ...aliases].some((name) => CLOUD_NAME.test(name.trim()))
}
