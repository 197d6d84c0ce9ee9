import { availableParallelism } from 'node:os'

import { createJobNodes, createJobTable, type JobNodes } from '@ctxlock/ace-validators/poisoning'
import { candidateCache, type CandidateCache } from '@ctxlock/context-compiler'
import { describeBuilder, openPackCache, type PackCache } from '@ctxlock/context-pack'
import type { Builder } from '@ctxlock/contracts/packs'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { settle } from '@ctxlock/core-hash'
import { openRecorder, type Recorder } from '@ctxlock/flight-recorder'
import { parseProviders, prepareTables, type ProviderRegistry } from '@ctxlock/governance'

import { openAnchors } from '../anchors/log-anchors.ts'
import { openLogSigner, type LogSigner } from '../anchors/log-signer.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createSourceExclusion, type SourceExclusion } from '../environment/source-exclusion.ts'
import { createSourceTrust, type SourceTrust } from '../environment/source-trust.ts'
import { listWorkspace, type WorkspaceListing } from '../environment/workspace-listing.ts'
import { directDerivation, type Derivation } from '../packs/derivation.ts'
import { sessionExtractors } from '../packs/extractors.ts'
import { packBuilding, type PackBuilding } from '../packs/pack-building.ts'
import { threadedDerivation } from '../packs/threaded-derivation.ts'
import { createModelProbe, type ModelProbe } from '../profiles/model-probe.ts'
import { profileInForce, type ProfileInForce } from '../profiles/profile-in-force.ts'
import { createProgressFeed, type ProgressFeed } from '../progress/progress-feed.ts'
import { networkExceptionRecorder } from '../providers/network-exception.ts'
import { knownKinds, loadPlugins } from '../providers/plugins.ts'
import { createProviderDirectory, type ProviderDirectory } from '../providers/provider-directory.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { openState, type WorkspaceState } from '../workspace/state.ts'
import { buildParts, type BuildParts } from './build-parts.ts'
import { openCallIndex, type CallIndex } from './call-index.ts'
import { openJobIndex, type JobIndex } from './job-index.ts'
import { openModelSessions, type ModelSessions } from './model-sessions.ts'
import { openRunIndex, type RunIndex } from './run-index.ts'
import { loadedSecrets, openPorts, type SessionOptions, type SessionPorts } from './session-ports.ts'

/** One opened workspace with everything a command needs, wired once. Tests replace single ports, never the wiring. */
export interface Session extends SessionPorts, BuildParts {
  readonly root: string
  /** Files that a run reads as it has edited them, instead of as they are in the workspace. */
  readonly edited: ReadonlySet<string>
  readonly configFromFile: boolean
  readonly state: WorkspaceState
  readonly logSigner: LogSigner
  readonly recorder: Recorder
  readonly progress: Pick<ProgressFeed, 'follow'>
  readonly registry: ProviderRegistry
  readonly profile: WorkProfile
  /** An option of the command line, or the run that is gone on with, goes before the config. */
  readonly profileFrom: ProfileInForce['from']
  readonly providers: ProviderDirectory
  readonly probeModel: ModelProbe
  readonly packBuilding: PackBuilding
  readonly packBuilder: Builder
  readonly packCache: PackCache
  /** For deriving the payloads of these sources; the caller closes it. */
  openDerivation(sources: readonly { readonly size: number }[]): Derivation
  readonly candidateCache: CandidateCache
  readonly calls: CallIndex
  readonly jobs: JobIndex
  readonly modelSessions: ModelSessions
  /** What is under way in the name of jobs, so that it ends when they do. */
  readonly nodes: JobNodes
  readonly runs: RunIndex
  readonly trustOf: SourceTrust
  /** Asked about every listed file: those it names are left out, with the reason. */
  readonly sourceExclusion: SourceExclusion
  listing(): WorkspaceListing
  close(): Promise<void>
}

/** Below both, starting threads takes longer than they save. Parsers of grammars read some 3 MB a second. */
const MIN_FILES_FOR_THREADS = 400
const MIN_BYTES_FOR_THREADS = 1_500_000

export async function openSession(options: SessionOptions): Promise<Session> {
  const { root, variables } = options
  const loaded = loadConfig(root)
  const config = options.override?.(loaded.config) ?? loaded.config
  const state = openState(options.stateRoot ?? root, nodeEnvironment.timers)
  try {
    const ports = openPorts(options, config, state)
    const { environment, reader, artifacts, redactor } = ports
    const kinds = new Set(config.providers.filter(({ enabled }) => enabled).map(({ kind }) => kind))
    const plugins = await loadPlugins(root, config.plugins, kinds)
    const registry = parseProviders(config.providers, { redactor, kinds: knownKinds(plugins, config) })
    prepareTables(state.database)
    const { profile, from } = profileInForce(state.database, loaded.config, config, options.resumedRun)
    // Hashed for every job that is bound to it.
    settle(profile)
    const logSigner = openLogSigner({
      database: state.database,
      anchors: await openAnchors({ root, stateFolder: state.folder, environment }, config, plugins),
      timers: environment.timers,
      variables,
    })
    const progress = createProgressFeed()
    const recorder = openRecorder({
      database: state.database,
      redactor,
      clock: environment.clock,
      random: environment.random,
      onAppend(events) {
        logSigner.appended(events)
        progress.appended(events)
      },
    })
    createJobTable(state.database)
    const providers = createProviderDirectory({
      plugins,
      environment,
      variables,
      onNetworkException: networkExceptionRecorder({ recorder, environment }),
    })
    const building = packBuilding(config, redactor, await sessionExtractors(plugins, environment))
    let listed = options.listing
    const listing = () => (listed ??= listWorkspace(root, config.sources))
    const ruleReader = options.ruleReader?.(reader) ?? reader
    const parts = await buildParts({
      root,
      variables,
      config,
      profile,
      plugins,
      ports: { environment, reader: ruleReader },
      listing,
    })
    return {
      ...ports,
      ...parts,
      root,
      edited: new Set(),
      configFromFile: loaded.fromFile,
      state,
      logSigner,
      recorder,
      progress,
      registry,
      profile,
      profileFrom: from,
      providers,
      probeModel: createModelProbe(providers, environment.clock),
      packBuilding: building,
      packBuilder: describeBuilder(building),
      packCache: openPackCache(state.database),
      openDerivation(sources) {
        const own = directDerivation({ building, reader, tokenCounter: ports.counter })
        if (!isWorthThreads(sources) || options.replacePorts) return own
        const secrets = loadedSecrets(config, variables)
        return threadedDerivation({ root, config, secrets }, own, availableParallelism())
      },
      candidateCache: candidateCache(),
      calls: openCallIndex(state.database, artifacts),
      jobs: openJobIndex(state.database),
      modelSessions: openModelSessions(state.database),
      nodes: createJobNodes({ database: state.database, timers: environment.timers }),
      runs: openRunIndex(state.database, artifacts),
      trustOf: createSourceTrust(config.sources.trust),
      sourceExclusion: createSourceExclusion(config.sources.keep),
      listing,
      async close() {
        await providers.close()
        await logSigner.close()
        state.close()
      },
    }
  } catch (error) {
    state.close()
    throw error
  }
}

function isWorthThreads(sources: readonly { readonly size: number }[]): boolean {
  if (sources.length >= MIN_FILES_FOR_THREADS) return true
  return sources.reduce((bytes, { size }) => bytes + size, 0) >= MIN_BYTES_FOR_THREADS
}
