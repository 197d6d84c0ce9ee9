import { ProviderError } from '@ctxlock/contracts/provider'
import type { HttpProviderOptions } from '@ctxlock/contracts/provider'

import type { Dialect } from './dialect.ts'

/** Names under which servers on this machine pass requests on to a cloud: `x:cloud`, `x:120b-cloud`, `x-cloud`. */
export function isCloudName(model: string): boolean {
  return /(?:^|[:-])cloud$/i.test(model.trim())
}

/**
 * Refuses a model that its name, or an alias in the registry, says is served elsewhere, while the provider counts as local: a
 * loopback address would then carry a prompt to another machine without consent (PROV-045). Throws `ssrf_blocked` with
 * reason `tier_mismatch`, and what the dialect throws.
 */
export function refuseModel(dialect: Dialect, { tier, models = [] }: HttpProviderOptions, model: string): void {
  const aliases = models.find(({ model_id }) => model_id === model)?.aliases ?? []
  if (tier === 'local' && [model, ...aliases].some(isCloudName)) throw cloudServed()
  dialect.refuseModel?.(model)
}

/** The refusal, for dialects whose server tells more than a name does. */
export function cloudServed(): ProviderError {
  return new ProviderError(
    'ssrf_blocked',
    'This model runs on another machine; declare the provider as cloud, with its host in allow_private_hosts (tier_mismatch).',
    { attempts: 0, reason: 'tier_mismatch' },
  )
}
