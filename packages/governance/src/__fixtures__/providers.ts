import { SECRET_CATEGORIES, type RedactionFinding, type Redactor } from '@ctxlock/contracts/ports'
import type { ProviderConfig } from '@ctxlock/contracts/provider'

import { parseProviders, type DeriveTier, type ProviderRegistry } from '../index.ts'

/** A small redactor behind the real port: API keys, AWS ids, `password=` pairs. */
export const redactor: Pick<Redactor, 'detect' | 'redact'> = {
  detect(text) {
    const rules = [
      { category: 'api_key', detector_id: 'secret_api_key', pattern: /sk-[A-Za-z0-9-]{8,}/g },
      { category: 'aws', detector_id: 'secret_aws', pattern: /AKIA[A-Z0-9]{16}/g },
      { category: 'password', detector_id: 'secret_password', pattern: /(?:password|api_key|token)=\S+/gi },
      { category: 'path', detector_id: 'path_absolute', pattern: /(?:^|\s)\/\S+/g },
    ] as const
    return rules.flatMap(({ category, detector_id, pattern }): RedactionFinding[] =>
      [...text.matchAll(pattern)].map((match) => ({
        category,
        detector_id,
        start: match.index,
        end: match.index + match[0].length,
      })),
    )
  },
  redact(text) {
    const findings = this.detect(text).filter(({ category }) => SECRET_CATEGORIES.has(category))
    const redacted = findings.reduceRight(
      (rest, { start, end, category, detector_id }) =>
        `${rest.slice(0, start)}[REDACTED:${category}:${detector_id}]${rest.slice(end)}`,
      text,
    )
    return { text: redacted, findings }
  },
}

export const KINDS: ReadonlySet<string> = new Set(['extractive', 'ollama', 'openai_compat'])

/** Enough of the network policy for the entries these tests use. */
export const deriveTier: DeriveTier = ({ base_url, declared_tier }) => {
  if (base_url === null || declared_tier === 'cloud') return { accepted: true, tier: declared_tier }
  return /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(base_url)
    ? { accepted: true, tier: 'local' }
    : { accepted: false, code: 'HSK-403-TIER-MISMATCH', reason: 'tier_mismatch' }
}

export function provider(provider_id: string, changes: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    provider_id,
    kind: 'ollama',
    declared_tier: 'local',
    base_url: 'http://127.0.0.1:11434',
    secret_ref: null,
    default_model_id: 'small',
    models: [],
    network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
    enabled: true,
    ...changes,
  }
}

export const CLOUD: Partial<ProviderConfig> = {
  kind: 'openai_compat',
  declared_tier: 'cloud',
  base_url: 'https://api.example.com/v1',
  secret_ref: { source: 'env', name: 'EXAMPLE_KEY' },
}

export function registry(...providers: readonly ProviderConfig[]): ProviderRegistry {
  return parseProviders(providers, { redactor, kinds: KINDS })
}
