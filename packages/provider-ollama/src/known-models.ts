import type { HttpProviderOptions, ModelInfo } from '@ctxlock/contracts/provider'
import { cloudServed, isCloudName, textOf } from '@ctxlock/provider-kit'
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
  /** The document, unless it says that another machine answered a provider that counts as local: then nothing is sent again. */
  local(document: JsonObject): JsonObject
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
      if (tier === 'cloud' || !remote.has(withTag(model))) return
      throw cloudServed()
    },
    local(document) {
      if (tier === 'cloud' || !servedElsewhere(document)) return document
      remote.add(withTag(textOf(document['model']) ?? ''))
      // The prompt is gone already; the answer must not pass for a local one, and the next prompt stays.
      throw cloudServed().with({ attempts: 1 })
    },
  }
}

/** By the name Ollama gives such models, or by what the server says about one. */
export function isRemote(id: string, entry: JsonObject): boolean {
  return isCloudName(id) || servedElsewhere(entry)
}

function servedElsewhere(entry: JsonObject): boolean {
  return textOf(entry['remote_host']) !== undefined || textOf(entry['remote_model']) !== undefined
}

/** A name without a tag means `latest`. */
export function withTag(model: string): string {
  return model.lastIndexOf(':') > model.lastIndexOf('/') ? model : `${model}:latest`
}
