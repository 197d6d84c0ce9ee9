import type { Egress } from '@ctxlock/contracts/plugin'
import type { Timers } from '@ctxlock/contracts/ports'
import type { ModelTier } from '@ctxlock/contracts/primitives'
import { ProviderError } from '@ctxlock/contracts/provider'
import { createEgress, createSecretHolder, deriveTier, isCloudName, type NetworkConfig } from '@ctxlock/provider-kit'
import { createCheckedFetch, type CheckedFetch } from '@ctxlock/provider-ai-sdk/middleware'

/** Where an application's model is, as far as that can be known. */
export interface ModelEndpoint {
  /** Undefined where the model's network is its own. */
  readonly checkedFetch: CheckedFetch | undefined
  tier(model: string): ModelTier
  close(): Promise<void>
}

/** The application has its own abort signals; these only end what nobody waits for any more. */
const TIMEOUTS = { first_byte_ms: 900_000, idle_ms: 300_000, total_ms: 3_600_000 }
const NO_EXCEPTIONS = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' as const }

/** Throws `ssrf_blocked` and `invalid_config` for a base URL the network policy refuses (PROV-035..045). */
export function openModelEndpoint(baseURL: string | undefined, timers: Timers): ModelEndpoint {
  if (baseURL === undefined) {
    return { checkedFetch: undefined, tier: () => 'cloud', close: () => Promise.resolve() }
  }
  const config = networkOf(baseURL)
  const egress: Egress = createEgress(config, { timers, timeouts: TIMEOUTS })
  return {
    // The application's provider holds its own key, as it does without ctxlock.
    checkedFetch: createCheckedFetch(egress, createSecretHolder()),
    tier: (model) => (config.declared_tier === 'local' && !isCloudName(model) ? 'local' : 'cloud'),
    close: () => egress.close(),
  }
}

function networkOf(baseURL: string): NetworkConfig {
  const network = (declared_tier: ModelTier): NetworkConfig => ({
    base_url: baseURL,
    declared_tier,
    network: NO_EXCEPTIONS,
  })
  if (deriveTier(network('local')).accepted) return network('local')
  const decision = deriveTier(network('cloud'))
  if (decision.accepted) return network('cloud')
  throw new ProviderError(
    decision.code === 'HSK-400-PROVIDER-CONFIG' ? 'invalid_config' : 'ssrf_blocked',
    `The base URL given to ctxlock is refused: ${decision.reason}.`,
    { attempts: 0, reason: decision.reason },
  )
}
