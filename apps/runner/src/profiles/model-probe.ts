import type { Clock } from '@ctxlock/contracts/ports'
import { ProviderError, type LlmClient, type ProviderConfig } from '@ctxlock/contracts/provider'
import { effectiveTier } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import type { ProviderDirectory } from '../providers/provider-directory.ts'

/** What the server of a model said when it was asked. */
export interface ModelState {
  readonly ready: boolean
  /** `embedded` and `not_asked` count as ready: there is no server, or asking would be a byte nobody consented to. */
  readonly state: 'embedded' | 'not_asked' | 'ready' | 'loading' | 'unreachable' | 'error' | 'model_missing'
  /** A provider error code. */
  readonly reason?: string
  /** The server says that another machine serves the model, so that it counts as cloud (PROV-045). */
  readonly remote: boolean
}

export type ModelProbe = (provider: ProviderConfig, modelId: string) => Promise<ModelState>

const PROBE_MS = 2000
/** A run makes many calls; what was true a moment ago needs no second question. */
const REMEMBERED_MS = 10_000

/** Asks local servers, each within two seconds, whether a model is loaded and callable (PROV-009). No prompt is sent, and no cloud server is asked. */
export function createModelProbe(directory: Pick<ProviderDirectory, 'client'>, clock: Clock): ModelProbe {
  const known = new Map<string, { readonly at: number; readonly state: Promise<ModelState> }>()
  return (provider, modelId) => {
    const unasked = withoutServer(provider, modelId)
    if (unasked) return Promise.resolve(unasked)
    const key = JSON.stringify([provider.provider_id, modelId])
    const earlier = known.get(key)
    if (earlier && clock.monotonic() - earlier.at < REMEMBERED_MS) return earlier.state
    const state = ask(directory, provider, modelId)
    known.set(key, { at: clock.monotonic(), state })
    return state
  }
}

function withoutServer(provider: ProviderConfig, model_id: string): ModelState | undefined {
  if (provider.base_url === null) return { ready: true, state: 'embedded', remote: false }
  const tier = effectiveTier(provider, { model_id }, deriveTier)
  return tier.accepted && tier.tier === 'local' ? undefined : { ready: true, state: 'not_asked', remote: false }
}

async function ask(
  directory: Pick<ProviderDirectory, 'client'>,
  provider: ProviderConfig,
  modelId: string,
): Promise<ModelState> {
  const signal = AbortSignal.timeout(PROBE_MS)
  try {
    const client = await directory.client(provider)
    const { ready, state, reason } = await client.health({ signal })
    // A server that answers and has no such page is there all the same.
    if (!ready && reason !== 'endpoint_not_found') return notReady(state, reason)
    return await shown(client, modelId, signal)
  } catch (error) {
    if (signal.aborted) return notReady('unreachable', 'timeout')
    if (error instanceof ProviderError) return notReady('error', error.code)
    throw error
  }
}

/** Failures to show a model that say nothing about it: the server has no list, or does not list all it serves. */
const NOTHING_SAID: ReadonlySet<string> = new Set(['endpoint_not_found', 'not_supported', 'model_not_found'])

/** What the server says of the model itself. Only its own 404 says that there is none; what cannot be known is not ready. */
async function shown(client: LlmClient, modelId: string, signal: AbortSignal): Promise<ModelState> {
  if (!client.capabilities.list) return { ready: true, state: 'ready', remote: false }
  try {
    const { remote = false } = await client.showModel(modelId, { signal })
    return { ready: true, state: 'ready', remote }
  } catch (error) {
    if (!(error instanceof ProviderError) || signal.aborted || !NOTHING_SAID.has(error.code)) throw error
    return error.code === 'model_not_found' && error.status !== undefined
      ? notReady('model_missing', error.code)
      : { ready: true, state: 'ready', remote: false }
  }
}

function notReady(state: ModelState['state'], reason?: string): ModelState {
  return { ready: false, state, remote: false, ...(reason !== undefined && { reason }) }
}
