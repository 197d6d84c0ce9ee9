import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { openPackCache, type PackCache } from '@ctxlock/context-pack'
import type { RunRequest } from '@ctxlock/contracts/call'
import type { ChatEncoder, ProviderConfig } from '@ctxlock/contracts/provider'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { parseProviders, prepareTables } from '@ctxlock/governance'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { profileInForce } from '../profiles/profile-in-force.ts'
import { knownKinds, loadPlugins } from '../providers/plugins.ts'
import { pluginOptions } from '../providers/provider-directory.ts'
import { buildParts } from '../session/build-parts.ts'
import type { BuildSession } from '../session/build-session.ts'
import { openJobIndex } from '../session/job-index.ts'
import { loadedSecrets } from '../session/session-ports.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** What a run is replayed with: how its calls are built, how their bytes are written, and nothing that could send them. */
export interface ReplaySession extends BuildSession {
  readonly profile: Parameters<typeof buildParts>[0]['profile']
  /** Keys the digests of requests. */
  readonly digestKey: Uint8Array
  readonly packCache: Pick<PackCache, 'findByPayload'>
  /** The wire form of a provider's requests; undefined where its plugin does not give it apart from a client. */
  encoder(provider: ProviderConfig): Promise<ChatEncoder | undefined>
}

export interface ReplayOptions {
  readonly stored: StoredSession
  readonly variables: NodeJS.ProcessEnv
  readonly request: RunRequest
  /** What the run's command line said instead of the config. */
  readonly override: (config: ResolvedConfig) => ResolvedConfig
  /** When the run began, as milliseconds since the Unix epoch: what held then counts, such as a waiver. */
  readonly at: number
}

/**
 * The same wiring as for calls that are made, over the records of a run and the config as it is now. Whatever is built is thrown
 * away: nothing is written. Throws what a wrong config throws.
 */
export async function openReplaySession({
  stored,
  variables,
  request,
  override,
  at,
}: ReplayOptions): Promise<ReplaySession> {
  const { root, reader } = stored
  const { database } = stored.state
  const loaded = loadConfig(root)
  const config = override(loaded.config)
  const redactor = createRedactor({ secrets: loadedSecrets(config, variables) })
  const plugins = await loadPlugins(root, config.plugins, new Set(config.providers.map(({ kind }) => kind)))
  prepareTables(database)
  const { profile } = profileInForce(database, loaded.config, config, request.run_id)
  const environment = { ...nodeEnvironment, clock: { ...nodeEnvironment.clock, now: () => at } }
  const artifacts = { ...stored.artifacts, put: discardingStore.put }
  const listing = () => listWorkspace(root, config.sources)
  const jobs = openJobIndex(database)
  return {
    ...(await buildParts({ root, variables, config, profile, plugins, ports: { environment, reader }, listing })),
    artifacts,
    digestKey: stored.state.digestKey(),
    counter: codePointsPerFour,
    environment,
    jobs,
    packCache: openPackCache(database),
    profile,
    reader,
    redactor,
    registry: parseProviders(config.providers, { redactor, kinds: knownKinds(plugins, config) }),
    state: { unsynced: (work) => work() },
    vault: config.recorder.keepPayloads ? stored.openVault() : undefined,
    encoder: (provider) => plugins.encoder(provider.kind, pluginOptions(provider)),
  }
}
