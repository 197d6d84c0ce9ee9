import {
  openArtifactStore,
  openVault,
  type ErasableVault,
  type ListableArtifactStore,
  type ObjectFiles,
} from '@ctxlock/artifact-store'
import { createRedactor } from '@ctxlock/ace-validators/redactor'
import type { Environment, Redactor, SourceReader, TokenCounter } from '@ctxlock/contracts/ports'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { openKeyFile, vaultKeyPath } from '../environment/key-file.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createStateFiles } from '../environment/state-files.ts'
import type { WorkspaceListing } from '../environment/workspace-listing.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { readSecret } from '../providers/provider-directory.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import type { WorkspaceState } from '../workspace/state.ts'

export interface SessionOptions {
  readonly root: string
  /** The folder that gets the state, if it is not to be the workspace itself. */
  readonly stateRoot?: string
  readonly variables: NodeJS.ProcessEnv
  /** Applied to the config file's content: what the command line overrides. */
  readonly override?: (config: ResolvedConfig) => ResolvedConfig
  /** The run that is gone on with: it keeps its profile (PROV-064). */
  readonly resumedRun?: string
  /** The listing of this workspace, when the command made one already. */
  readonly listing?: WorkspaceListing
  /** The reader through which every rule file is read, for a command that has to know what was read. */
  readonly ruleReader?: (reader: SourceReader) => SourceReader
  /** Replaces single ports, for fault injection in tests. */
  readonly replacePorts?: (ports: SessionPorts) => Partial<SessionPorts>
}

/** What a session has of the machine; tests replace single ones. */
export interface SessionPorts {
  readonly environment: Environment
  readonly reader: SourceReader
  readonly artifacts: ListableArtifactStore
  readonly vault: ErasableVault | undefined
  readonly redactor: Redactor
  readonly counter: TokenCounter
}

/** The real ports, and what the options put in their place. */
export function openPorts(options: SessionOptions, config: ResolvedConfig, state: WorkspaceState): SessionPorts {
  const environment = nodeEnvironment
  const files = createStateFiles(state.folder)
  const ports: SessionPorts = {
    environment,
    reader: createWorkspaceReader(options.root),
    artifacts: openArtifactStore({ database: state.database, files, clock: environment.clock }),
    vault: config.recorder.keepPayloads ? openedVault(files, options.variables) : undefined,
    redactor: createRedactor({ secrets: loadedSecrets(config, options.variables) }),
    counter: codePointsPerFour,
  }
  return { ...ports, ...options.replacePorts?.(ports) }
}

/** What is over its time is gone from the moment on in which the vault is opened again. */
function openedVault(files: ObjectFiles, variables: NodeJS.ProcessEnv): ErasableVault {
  const { clock, random } = nodeEnvironment
  const vault = openVault({ files, key: openKeyFile(vaultKeyPath(variables)), clock, random })
  vault.removeExpired()
  return vault
}

/** The live values of the providers' secrets, so that every sink can recognise them (PROV-033). */
export function loadedSecrets(config: ResolvedConfig, variables: NodeJS.ProcessEnv): string[] {
  return config.providers.flatMap((provider) => {
    if (provider.secret_ref?.source !== 'env') return []
    const value = readSecret(provider, variables)
    return value === undefined || value === '' ? [] : [value]
  })
}
