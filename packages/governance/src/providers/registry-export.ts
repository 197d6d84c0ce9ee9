import type { ProviderConfig } from '@ctxlock/contracts/provider'

import type { ProviderRegistry } from './provider-registry.ts'

type SecretRef = NonNullable<ProviderConfig['secret_ref']>

/** A provider entry fit to be shown or attached to a report (PROV-028). */
export interface ExportedProvider extends Omit<ProviderConfig, 'secret_ref' | 'options'> {
  /** Whether the secret is there, not what it is called. */
  readonly secret_ref: { readonly source: SecretRef['source']; readonly present: boolean } | null
  /** Names of the plugin's options; their values are not ours to judge. */
  readonly option_names: readonly string[]
  readonly header_names: readonly string[]
}

/** The registry without secrets, secret names, URL credentials and option values. `isPresent` looks a secret up by its handle. */
export function exportRegistry(
  registry: ProviderRegistry,
  isPresent: (reference: SecretRef) => boolean,
): ExportedProvider[] {
  return registry.providers.map(({ secret_ref, options = {}, base_url, ...shown }) => ({
    ...shown,
    base_url: base_url === null ? null : bareUrl(base_url),
    secret_ref: secret_ref && { source: secret_ref.source, present: isPresent(secret_ref) },
    option_names: Object.keys(options).sort(),
    header_names: namesOf(options['headers']),
  }))
}

/** Without user info, query and fragment; a registry holds no such URL, but an export must not depend on that. */
function bareUrl(text: string): string | null {
  const url = URL.parse(text)
  return url ? `${url.origin}${url.pathname}` : null
}

function namesOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).sort() : []
}
