import { ProviderError } from '@ctxlock/contracts/provider'
import type { HttpProviderOptions, ModelInfo } from '@ctxlock/contracts/provider'
import { textOf } from '@ctxlock/provider-kit'
import type { JsonObject } from '@ctxlock/provider-kit'

/** What the server has said about its models so far. */
export interface KnownModels {
  readonly remember: (info: ModelInfo) => void
  digestOf(model: string): string | undefined
  /**
   * Refuses a model that the server runs elsewhere when the provider counts as local: a local address would then carry a
   * prompt to another machine without consent (PROV-045). Throws `ssrf_blocked` with reason `tier_mismatch`.
   */
  refuseRemote(model: string): void
}

export function createKnownModels(tier: HttpProviderOptions['tier']): KnownModels {
  const digests = new Map<string, string>()
  const remote = new Set<string>()
  return {
    remember({ id, digest, remote: elsewhere }) {
      if (digest !== undefined) digests.set(withTag(id), digest)
      if (elsewhere) remote.add(withTag(id))
    },
    digestOf: (model) => digests.get(withTag(model)),
    refuseRemote(model) {
      if (tier === 'cloud' || !(isRemote(model, {}) || remote.has(withTag(model)))) return
      throw new ProviderError(
        'ssrf_blocked',
        'This model runs on another machine; declare the provider as cloud, with its host in allow_private_hosts (tier_mismatch).',
        { attempts: 0, reason: 'tier_mismatch' },
      )
    },
  }
}

/** By the name Ollama gives such models, or by what the server says about one. */
export function isRemote(id: string, entry: JsonObject): boolean {
  return (
    /[:-]cloud$/.test(id) || textOf(entry['remote_host']) !== undefined || textOf(entry['remote_model']) !== undefined
  )
}

/** A name without a tag means `latest`. */
export function withTag(model: string): string {
  return model.lastIndexOf(':') > model.lastIndexOf('/') ? model : `${model}:latest`
}
