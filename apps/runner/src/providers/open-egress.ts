import type { Egress } from '@ctxlock/contracts/plugin'
import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { createEgress, type EgressOptions } from '@ctxlock/provider-kit'

/** A module of its own: with it comes an HTTP client, which takes longer to load than a second lock of a small tree. */
export function openEgress(config: ProviderConfig, options: EgressOptions): Egress {
  return createEgress(config, options)
}
