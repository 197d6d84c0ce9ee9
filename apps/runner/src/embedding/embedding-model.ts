import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { effectiveTier, providersOfModel } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { EmbeddingConfig } from '../workspace/default-config.ts'

/** The model that embeds the sources, and the local provider that serves it. */
export interface EmbeddingModel extends EmbeddingConfig {
  readonly provider: ProviderConfig
}

/** Says that a model does not count as local, before a byte of a source has left. */
export class CloudEmbeddingRefused extends CommandError {
  readonly modelId: string
  readonly reason: string

  constructor(modelId: string, reason: string) {
    super({
      exit: EXIT_CODE.needsPerson,
      code: 'HSK-403-CONSENT-MISSING',
      message: `the sources were not embedded: that would send their text to ${modelId}, which does not count as local (${reason})`,
      hint: 'This version cannot ask for consent to that. Name a local model in `embedding`, or take the section out of the config; nothing left this machine.',
    })
    this.modelId = modelId
    this.reason = reason
  }
}

/**
 * The model that the config names, by the tier that calls derive too (PROV-045); undefined when it names none. Asks nobody.
 * Throws `CloudEmbeddingRefused` when it counts as cloud at every provider.
 */
export function embeddingModel({ config, registry }: Session): EmbeddingModel | undefined {
  if (!config.embedding) return undefined
  const { modelId } = config.embedding
  const candidates = providersOfModel(registry, modelId)
    .filter(({ enabled }) => enabled)
    .map((provider) => ({ provider, tier: effectiveTier(provider, { model_id: modelId }, deriveTier) }))
  const local = candidates.find(({ tier }) => tier.accepted && tier.tier === 'local')
  if (local) return { ...config.embedding, provider: local.provider }
  const reasons = candidates.map(
    ({ provider, tier }) => `${provider.provider_id}: ${tier.accepted ? tier.tier : tier.reason}`,
  )
  throw new CloudEmbeddingRefused(modelId, reasons.join(', '))
}
