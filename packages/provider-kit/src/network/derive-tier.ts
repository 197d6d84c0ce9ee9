import { ProviderError } from '@ctxlock/contracts/provider'

import { networkPolicy } from './network-policy.ts'
import type { NetworkConfig } from './network-policy.ts'

/** A decision about a provider record; `code` is the spec's error code (spec 06 section 1). */
export type TierDecision =
  | { readonly accepted: true; readonly tier: 'local' | 'cloud'; readonly usesException: boolean }
  | {
      readonly accepted: false
      readonly code: 'HSK-400-PROVIDER-CONFIG' | 'HSK-403-SSRF' | 'HSK-403-TIER-MISMATCH'
      readonly reason: string
    }

/**
 * The tier a provider record really has, without any I/O (PROV-045): `local` only for loopback, or for a private host
 * listed in `allow_private_hosts`; a provider without a network is what it says. A listed name is checked again at connect time:
 * if it resolves to a public address the connection is refused.
 */
export function deriveTier(config: NetworkConfig): TierDecision {
  if (config.base_url === null) return { accepted: true, tier: config.declared_tier, usesException: false }
  try {
    const { tier, usesException } = networkPolicy(config)
    return { accepted: true, tier, usesException }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return { accepted: false, code: specCode(error), reason: error.reason ?? error.code }
  }
}

function specCode(error: ProviderError): 'HSK-400-PROVIDER-CONFIG' | 'HSK-403-SSRF' | 'HSK-403-TIER-MISMATCH' {
  if (error.code !== 'ssrf_blocked') return 'HSK-400-PROVIDER-CONFIG'
  return error.reason === 'tier_mismatch' ? 'HSK-403-TIER-MISMATCH' : 'HSK-403-SSRF'
}
