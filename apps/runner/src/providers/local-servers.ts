import type { Environment } from '@ctxlock/contracts/ports'
import type { LlmClient, ProviderConfig } from '@ctxlock/contracts/provider'
import { deriveTier } from '@ctxlock/provider-kit'

import { loadPlugins } from './plugins.ts'
import { createProviderDirectory } from './provider-directory.ts'

interface KnownServer {
  readonly name: string
  readonly kind: 'ollama' | 'openai_compat'
  readonly id: string
  readonly baseUrl: string
  readonly options?: ProviderConfig['options']
}

/** Where the usual local servers listen. */
const KNOWN: readonly KnownServer[] = [
  { name: 'Ollama', kind: 'ollama', id: 'ollama', baseUrl: 'http://127.0.0.1:11434' },
  {
    name: 'llama.cpp',
    kind: 'openai_compat',
    id: 'llamacpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    options: { profile: 'llamacpp' },
  },
  {
    name: 'LM Studio',
    kind: 'openai_compat',
    id: 'lmstudio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    options: { profile: 'lmstudio' },
  },
  {
    name: 'vLLM',
    kind: 'openai_compat',
    id: 'vllm',
    baseUrl: 'http://127.0.0.1:8000/v1',
    options: { profile: 'vllm' },
  },
]
const PROBE_MS = 1500
const NO_EXCEPTIONS: ProviderConfig['network'] = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' }

/** What usually listens at this address on loopback, whatever the path. */
export function usualServer(baseUrl: string): Pick<KnownServer, 'name' | 'kind' | 'options'> | undefined {
  const url = URL.parse(baseUrl)
  // Without an exception nothing is local but loopback.
  const place = { base_url: baseUrl, declared_tier: 'local', network: NO_EXCEPTIONS } as const
  if (!url || !deriveTier(place).accepted) return undefined
  return KNOWN.find(({ baseUrl: known }) => URL.parse(known)?.port === url.port)
}

export interface FoundServer {
  readonly name: string
  readonly config: ProviderConfig
}

/** Asks the usual ports on loopback which models they serve. A server without a model, or that answers something else, is not listed. */
export async function findLocalServers(environment: Environment): Promise<FoundServer[]> {
  const plugins = await loadPlugins(process.cwd(), [], new Set(['ollama', 'openai_compat']))
  const directory = createProviderDirectory({ plugins, environment, variables: {}, onNetworkException: () => {} })
  try {
    const found = await Promise.all(
      KNOWN.map(async (server): Promise<FoundServer | undefined> => {
        const model = await firstModel(directory.client(askedOnce(configOf(server, 'unknown'))))
        return model === undefined ? undefined : { name: server.name, config: configOf(server, model) }
      }),
    )
    return found.filter((server) => server !== undefined)
  } finally {
    await directory.close()
  }
}

/** A port that refuses will not answer a second later either. */
function askedOnce(config: ProviderConfig): ProviderConfig {
  return { ...config, options: { ...config.options, max_retries: 0 } }
}

async function firstModel(client: Promise<LlmClient>): Promise<string | undefined> {
  try {
    const models = await (await client).listModels({ signal: AbortSignal.timeout(PROBE_MS) })
    return models.find(({ remote }) => remote !== true)?.id
  } catch {
    return undefined
  }
}

function configOf({ kind, id, baseUrl, options }: KnownServer, model: string): ProviderConfig {
  return {
    provider_id: id,
    kind,
    declared_tier: 'local',
    base_url: baseUrl,
    secret_ref: null,
    default_model_id: model,
    models: [],
    network: NO_EXCEPTIONS,
    ...(options && { options }),
    enabled: true,
  }
}
