import { Identifier } from '@ctxlock/contracts/primitives'
import type { LlmClient, ModelInfo, ProviderConfig } from '@ctxlock/contracts/provider'
import { effectiveTier, parameterClass, type NetworkEntry } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { usualServer } from './local-servers.ts'

/** What a person says about a provider; everything else follows from it. */
export interface NewProvider {
  readonly id: string
  readonly url: string
  readonly kind?: string
  readonly models: readonly string[]
  readonly keyVariable?: string
  readonly privateHosts: readonly string[]
}

const LIST_MS = 5000

/** Hosts whose wire differs from what every OpenAI-compatible server takes. */
const PROFILE_OF_HOST: ReadonlyMap<string, string> = new Map([
  ['api.openai.com', 'openai'],
  ['openrouter.ai', 'openrouter'],
])

/** The entry as far as it follows without asking anybody: kind and options by who usually listens there, tier by the host. */
export function entryOf({ id, url, kind, models, keyVariable, privateHosts }: NewProvider): ProviderConfig {
  const usual = usualServer(url)
  const [model = 'not-known-yet', ...others] = models
  const chosenKind = kind ?? usual?.kind ?? 'openai_compat'
  const profile = PROFILE_OF_HOST.get(URL.parse(url)?.hostname ?? '')
  const derived = usual ?? (profile && { kind: 'openai_compat', options: { profile } })
  const options = derived && derived.kind === chosenKind ? derived.options : undefined
  const network: ProviderConfig['network'] = {
    allow_private_hosts: [...privateHosts],
    allow_ports: [],
    redirects: 'deny',
  }
  return {
    provider_id: id,
    kind: chosenKind,
    declared_tier: tierOf({ base_url: url, network }),
    base_url: url,
    secret_ref: keyVariable === undefined ? null : { source: 'env', name: keyVariable },
    default_model_id: model,
    models: others.map((model_id) => ({ model_id })),
    network,
    ...(options && { options }),
    enabled: true,
  }
}

/** Cloud is what local would be a mismatch for; what fits neither is refused as local. */
function tierOf(place: Omit<NetworkEntry, 'declared_tier'>): ProviderConfig['declared_tier'] {
  const local = deriveTier({ ...place, declared_tier: 'local' })
  return !local.accepted && local.code === 'HSK-403-TIER-MISMATCH' ? 'cloud' : 'local'
}

/**
 * The entry with the models its local server names, each once, the first one as the default. Models that another machine serves, and
 * names that no entry can hold, are left out. Throws `MODEL_MISSING`.
 */
export async function withServedModels(entry: ProviderConfig, client: LlmClient): Promise<ProviderConfig> {
  const usable = (await listed(entry, client)).filter((model) => isServedHere(entry, model))
  const models = [...new Map(usable.map((model) => [model.id, model])).values()]
  const [first] = models
  if (!first) throw noModels(entry, 'its server names no model that it serves itself')
  return { ...entry, default_model_id: first.id, models: models.map(modelEntry) }
}

async function listed(entry: ProviderConfig, client: LlmClient): Promise<readonly ModelInfo[]> {
  const signal = AbortSignal.timeout(LIST_MS)
  try {
    return await client.listModels({ signal })
  } catch (error) {
    throw signal.aborted ? noModels(entry, `its server gave no list within ${LIST_MS / 1000} seconds`) : error
  }
}

function isServedHere(entry: ProviderConfig, { id, remote = false }: ModelInfo): boolean {
  const decision = effectiveTier(entry, { model_id: id, remote }, deriveTier)
  return decision.accepted && decision.tier === 'local' && Identifier.safeParse(id).success
}

/** A cloud server is not asked which models it has: that would be a byte nobody consented to. */
export function noModels({ provider_id }: ProviderConfig, why: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'MODEL_MISSING',
    message: `which model ${provider_id} serves is not known: ${why}`,
    hint: 'Name it with --model.',
  })
}

function modelEntry({ id, parameterSize, contextTokens }: ModelInfo): ProviderConfig['models'][number] {
  const size = parameterClass(billionsOf(parameterSize))
  return {
    model_id: id,
    ...(size !== 'PUnknown' && { parameter_class: size }),
    ...(contextTokens !== undefined && { max_context_tokens: contextTokens }),
  }
}

/** `7.6B` and `137M` as servers write sizes; `null` for anything else. */
function billionsOf(size = ''): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([BM])$/i.exec(size) ?? []
  if (number === undefined || unit === undefined) return null
  return unit.toUpperCase() === 'B' ? Number(number) : Number(number) / 1000
}
