import type { Egress } from '@ctxlock/contracts/plugin'
import type { Environment } from '@ctxlock/contracts/ports'
import { ProviderError, type LlmClient, type ProviderConfig } from '@ctxlock/contracts/provider'
import { createSecretHolder, deriveTier, httpProviderOptions, keyNames, mayHoldKey } from '@ctxlock/provider-kit'
import type { Registry } from '@ctxlock/plugin-api'

import { boundProvider } from './bound-provider.ts'
import { startPlugin } from './start-plugin.ts'

export interface ProviderDirectory {
  /** Starts the provider on first use. Throws `ProviderError` for a record the network policy refuses. */
  client(config: ProviderConfig): Promise<LlmClient>
  /** Throws `invalid_config` when the provider declares a secret that is not there (PROV-034). */
  requireSecret(config: ProviderConfig): void
  close(): Promise<void>
}

export interface DirectoryOptions {
  readonly plugins: Registry
  readonly environment: Environment
  readonly variables: NodeJS.ProcessEnv
  /** Called before a connection that only an explicit exception permits (PROV-043). */
  readonly onNetworkException: (use: { readonly providerId: string; readonly hostAndPort: string }) => void
}

export function createProviderDirectory(options: DirectoryOptions): ProviderDirectory {
  const clients = new Map<string, Promise<LlmClient>>()
  const egresses: Egress[] = []

  async function start(config: ProviderConfig): Promise<LlmClient> {
    const { clock, random, timers } = options.environment
    const secret = secretOf(config)
    const { egress, bind } = boundProvider(await egressOf(config), secret)
    egresses.push(egress)
    const context = { clock, random, timers, egress, secret }
    const plugin = { kind: 'provider', name: config.kind, options: pluginOptions(config) } as const
    return bind(await startPlugin(options.plugins, plugin, context))
  }

  function secretOf(config: ProviderConfig) {
    const read = (): string | undefined => {
      refuseForeignKey(config)
      return readSecret(config, options.variables)
    }
    return createSecretHolder(config.secret_ref ? read : undefined)
  }

  async function egressOf(config: ProviderConfig): Promise<Egress> {
    if (config.base_url === null) return CLOSED_EGRESS
    const { openEgress } = await import('./open-egress.ts')
    return openEgress(config, {
      timers: options.environment.timers,
      onException: ({ hostAndPort }) => options.onNetworkException({ providerId: config.provider_id, hostAndPort }),
    })
  }

  return {
    client(config) {
      const known = clients.get(config.provider_id)
      if (known) return known
      const started = start(config)
      clients.set(config.provider_id, started)
      return started
    },
    requireSecret(config) {
      if (config.secret_ref) secretOf(config).bearer()
    },
    async close() {
      for (const client of clients.values()) await client.then((started) => started.close()).catch(() => {})
      await Promise.all(egresses.map((egress) => egress.close()))
    },
  }
}

/** A config comes with the repository: it must not have any variable of the machine sent to a host of its choice. */
function refuseForeignKey({ provider_id, base_url, secret_ref }: ProviderConfig): void {
  if (secret_ref?.source !== 'env' || mayHoldKey(base_url, secret_ref.name)) return
  const names = keyNames(base_url)?.join(' or ') ?? ''
  throw new ProviderError(
    'invalid_config',
    `The key of ${provider_id} may not come from ${secret_ref.name}: for its host the variable is called ${names}.`,
    { attempts: 0, reason: 'secret_name' },
  )
}

/** The value behind a `secret_ref`, read when it is needed (PROV-031). */
export function readSecret({ secret_ref }: ProviderConfig, variables: NodeJS.ProcessEnv): string | undefined {
  if (secret_ref === null) return undefined
  if (secret_ref.source === 'env') return variables[secret_ref.name]
  throw new ProviderError(
    'invalid_config',
    `Secrets from a ${secret_ref.source} are not read in this version; use an environment variable.`,
    {
      attempts: 0,
      reason: 'secret',
    },
  )
}

/** What the plugin is given; its own schema decides which of it is good. What decides about the network is never an option. */
export function pluginOptions(config: ProviderConfig): Readonly<Record<string, unknown>> {
  const { provider_id, base_url, models, options } = config
  if (base_url === null) return { ...options, provider_id, ...(models.length > 0 && { models }) }
  const decision = deriveTier(config)
  if (!decision.accepted) {
    throw new ProviderError(
      decision.code === 'HSK-400-PROVIDER-CONFIG' ? 'invalid_config' : 'ssrf_blocked',
      `The provider ${provider_id} is refused: ${decision.reason}.`,
      { attempts: 0, reason: decision.reason },
    )
  }
  const patient =
    decision.tier === 'local' && config.defaults?.timeout_ms === undefined ? { timeouts: LOCAL_TIMEOUTS } : {}
  return { ...patient, ...httpProviderOptions(config, decision.tier) }
}

/** A local model may have to be loaded first, and a slow machine thinks for minutes before its first byte. */
const LOCAL_TIMEOUTS = { first_byte_ms: 600_000, idle_ms: 120_000, total_ms: 900_000 }

/** For providers without a network. */
const CLOSED_EGRESS: Egress = {
  async request() {
    throw new ProviderError('ssrf_blocked', 'This provider has no network.', { attempts: 0, reason: 'origin' })
  },
  async close() {},
}
