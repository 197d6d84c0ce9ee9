import { canonicalHash, canonicalize, hashesEqual, parseCanonical } from '@ctxlock/core-hash'
import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { ProviderConfig } from '@ctxlock/contracts/provider'

import { GovernanceError } from '../governance-error.ts'
import { schemaProblems } from '../schema-problems.ts'

/** The validated providers of a configuration; resolution over it does no network I/O (PROV-026). */
export interface ProviderRegistry {
  /** Sorted by id, frozen. */
  readonly providers: readonly ProviderConfig[]
  /** `registry_hash`, recorded at job start (PROV-025). */
  readonly hash: Hash
}

export interface RegistryOptions {
  /** Finds literal secrets in string fields. */
  readonly redactor: Pick<Redactor, 'detect' | 'redact'>
  /** Names of the loaded provider plugins; an entry of another kind is refused. */
  readonly kinds: ReadonlySet<string>
}

const SCHEMA_VERSION = 'ctxlock.provider_registry@1'

/**
 * Validates provider entries as a configuration gives them (PROV-024, PROV-027): unknown fields, duplicate ids, unknown
 * kinds, unusable URLs and literal secrets are refused, all at once. Throws `REGISTRY_INVALID`.
 */
export function parseProviders(value: unknown, { redactor, kinds }: RegistryOptions): ProviderRegistry {
  if (!Array.isArray(value)) {
    throw new GovernanceError(
      'REGISTRY_INVALID',
      'The provider registry is a list of provider entries; something else came.',
    )
  }
  const problems: string[] = []
  const providers = new Map<string, ProviderConfig>()
  for (const [index, entry] of value.entries()) {
    const place = `providers.${index}`
    problems.push(...literalSecrets(entry, place, redactor))
    const parsed = ProviderConfig.safeParse(entry)
    if (!parsed.success) {
      problems.push(...schemaProblems(parsed.error, place))
      continue
    }
    problems.push(...entryProblems(parsed.data, kinds, providers).map((problem) => `${place}.${problem}`))
    providers.set(parsed.data.provider_id, deepFreeze(parsed.data))
  }
  if (problems.length > 0) {
    // A key may itself be the secret; the places named above pass the redactor too.
    const redacted = problems.map((problem) => redactor.redact(problem).text)
    throw new GovernanceError('REGISTRY_INVALID', 'The provider registry was refused:', redacted)
  }
  const sorted = [...providers.values()].sort((a, b) => (a.provider_id < b.provider_id ? -1 : 1))
  return { providers: Object.freeze(sorted), hash: canonicalHash(documentOf(sorted)) }
}

/** The registry as one canonical JSON document that carries its own hash (PROV-025); the host replaces the file atomically. */
export function serializeRegistry({ providers, hash }: ProviderRegistry): string {
  return canonicalize({ ...documentOf(providers), registry_hash: hash })
}

/** Reads such a document. Throws `REGISTRY_ALTERED` when it is not canonical or does not hash to what it says. */
export function readRegistry(bytes: Uint8Array, options: RegistryOptions): ProviderRegistry {
  const { providers, registry_hash } = parseDocument(bytes)
  const registry = parseProviders(providers, options)
  if (typeof registry_hash === 'string' && hashesEqual(registry_hash, registry.hash)) return registry
  throw altered()
}

/** The entry with this id, or `undefined`. */
export function findProvider(registry: ProviderRegistry, providerId: string): ProviderConfig | undefined {
  return registry.providers.find((provider) => provider.provider_id === providerId)
}

/** The entries that serve a model, enabled or not, by id: those that list it or have it as their default. */
export function providersOfModel(registry: ProviderRegistry, modelId: string): ProviderConfig[] {
  return registry.providers.filter(
    ({ default_model_id, models }) =>
      default_model_id === modelId || models.some((model) => model.model_id === modelId),
  )
}

function documentOf(providers: readonly ProviderConfig[]) {
  return { schema_version: SCHEMA_VERSION, providers }
}

function parseDocument(bytes: Uint8Array): { providers: unknown; registry_hash: unknown } {
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch (cause) {
    throw altered(cause)
  }
  if (typeof value !== 'object' || value === null) throw altered()
  const { schema_version, providers, registry_hash, ...others } = { ...EMPTY_DOCUMENT, ...value }
  if (schema_version !== SCHEMA_VERSION || Object.keys(others).length > 0) throw altered()
  return { providers, registry_hash }
}

const EMPTY_DOCUMENT: Readonly<Record<'schema_version' | 'providers' | 'registry_hash', unknown>> = {
  schema_version: undefined,
  providers: undefined,
  registry_hash: undefined,
}

function altered(cause?: unknown): GovernanceError {
  return new GovernanceError(
    'REGISTRY_ALTERED',
    `A stored provider registry is canonical JSON of schema ${SCHEMA_VERSION} that hashes to its registry_hash; this one is not.`,
    [],
    cause === undefined ? {} : { cause },
  )
}

function entryProblems(
  config: ProviderConfig,
  kinds: ReadonlySet<string>,
  earlier: ReadonlyMap<string, ProviderConfig>,
): string[] {
  const problems: string[] = []
  if (earlier.has(config.provider_id)) problems.push(`provider_id: ${config.provider_id} is listed twice`)
  if (!kinds.has(config.kind))
    problems.push(
      `kind: no plugin of this kind is loaded; loaded are ${[...kinds].sort().join(', ')}, others come from packages that \`plugins\` names`,
    )
  if (config.base_url !== null && !isUsableUrl(config.base_url)) {
    problems.push('base_url: expected http or https with a host and without user info, query or fragment')
  }
  const models = config.models.map((model) => model.model_id)
  if (new Set(models).size !== models.length) problems.push('models: a model_id is listed twice')
  return problems
}

/** What PROV-036 asks of the URL as text; where it may lead is the egress's question. */
function isUsableUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.hostname !== '' &&
    !/[?#@\\\s]/.test(text)
  )
}

/** A secret belongs behind `secret_ref`. Inside `options` a value is also judged together with its name. */
function literalSecrets(value: unknown, place: string, redactor: RegistryOptions['redactor'], name = ''): string[] {
  if (typeof value === 'string') {
    const texts = place.includes('.options.') ? [value, `${name}=${value}`] : [value]
    const finding = texts
      .flatMap((text) => redactor.detect(text))
      .find(({ category }) => SECRET_CATEGORIES.has(category))
    return finding ? [`${place}: a literal secret (${finding.detector_id}); name it in secret_ref instead`] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [
    ...literalSecrets(key, `${place} (a name)`, redactor),
    ...literalSecrets(item, `${place}.${key}`, redactor, key),
  ])
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}
