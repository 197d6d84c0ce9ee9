import type { HttpProviderOptions, ProviderConfig } from '@ctxlock/contracts/provider'

/**
 * The options a host hands to an HTTP provider plugin: what its registry entry says, under what its own `options` section
 * says. `tier` is the derived one. The plugin's schema validates the result.
 */
export function httpProviderOptions(
  config: ProviderConfig,
  tier: HttpProviderOptions['tier'],
): Readonly<Record<string, unknown>> {
  const { provider_id, base_url, models, defaults, options } = config
  return {
    ...(defaults?.timeout_ms === undefined ? {} : { timeouts: { total_ms: defaults.timeout_ms } }),
    ...options,
    provider_id,
    base_url,
    models,
    tier,
  }
}
