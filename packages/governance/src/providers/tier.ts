import type { ModelTier } from '@ctxlock/contracts/primitives'
import type { ProviderConfig } from '@ctxlock/contracts/provider'

/** Where a base URL's host is, judged without a lookup; `none` for a URL that cannot be used. The address tables are the egress's. */
export type HostPlace = 'loopback' | 'private' | 'public' | 'none'
export type ClassifyHost = (baseUrl: string) => HostPlace

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
      readonly code: 'HSK-400-PROVIDER-CONFIG' | 'HSK-403-TIER-MISMATCH'
      readonly reason: 'base_url_unusable' | 'public_host_declared_local' | 'private_host_not_listed'
    }

const CLOUD: TierDecision = { accepted: true, tier: 'cloud' }
const LOCAL: TierDecision = { accepted: true, tier: 'local' }

/** Names under which a server on this machine passes requests on to a cloud: `x:cloud`, `x:120b-cloud`, `x-cloud`. */
const CLOUD_NAME = /(?:^|[:-])cloud$/i

/**
 * The tier a call to this model really has; derived, not asserted (PROV-045). A declared tier can only make it stricter:
 * `cloud` stays cloud, `local` needs a loopback host, a private host listed in `allow_private_hosts`, or no network. A
 * model that another machine serves is cloud wherever its server runs.
 */
export function effectiveTier(config: ProviderConfig, model: TieredModel, classifyHost: ClassifyHost): TierDecision {
  const place = config.base_url === null ? undefined : classifyHost(config.base_url)
  if (place === 'none') return refused('HSK-400-PROVIDER-CONFIG', 'base_url_unusable')
  if (config.declared_tier === 'cloud') return CLOUD
  if (place === 'public') return refused('HSK-403-TIER-MISMATCH', 'public_host_declared_local')
  if (place === 'private' && !isListed(config)) return refused('HSK-403-TIER-MISMATCH', 'private_host_not_listed')
  return isCloudServed(config, model) ? CLOUD : LOCAL
}

function refused(
  code: 'HSK-400-PROVIDER-CONFIG' | 'HSK-403-TIER-MISMATCH',
  reason: Exclude<TierDecision, { accepted: true }>['reason'],
): TierDecision {
  return { accepted: false, code, reason }
}

/** An alias counts too: the server may answer with the model behind it (PROV-023). */
function isCloudServed(config: ProviderConfig, { model_id, remote }: TieredModel): boolean {
  const aliases = config.models.find((model) => model.model_id === model_id)?.aliases ?? []
  return remote === true || [model_id, ...aliases].some((name) => CLOUD_NAME.test(name.trim()))
}

/** Exact host and port; a port that the URL leaves out is the scheme's (PROV-043). */
function isListed({ base_url, network }: ProviderConfig): boolean {
  const url = URL.parse(base_url ?? '')
  if (!url) return false
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  const authority = `${url.hostname.replace(/\.$/, '')}:${port}`
  return network.allow_private_hosts.some(
    (entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/\.(?=:\d+$)/, '') === authority,
  )
}
