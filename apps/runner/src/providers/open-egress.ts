import type { Egress } from '@ctxlock/contracts/plugin'
import { createEgress, type EgressOptions, type NetworkConfig } from '@ctxlock/provider-kit'

/** A module of its own: with it comes an HTTP client, which takes longer to load than a second lock of a small tree. */
export function openEgress(config: NetworkConfig, options: EgressOptions): Egress {
  return createEgress(config, options)
}
