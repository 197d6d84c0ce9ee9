import { existsSync } from 'node:fs'

import { openArtifactStore, openVault, type ErasableVault, type ListableArtifactStore } from '@ctxlock/artifact-store'
import type { SourceReader } from '@ctxlock/contracts/ports'

import { CommandError } from '../command-error.ts'
import { openKeyFile, vaultKeyPath } from '../environment/key-file.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createStateFiles } from '../environment/state-files.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { hasState } from '../workspace/state-place.ts'
import { checkNotLost, openRecordedState, type RecordedState } from '../workspace/state.ts'
import { openCallIndex, type CallIndex } from './call-index.ts'
import { openModelSessions, type ModelSessions } from './model-sessions.ts'

/** What looking at the past needs: no config, no provider, no network. */
export interface StoredSession {
  readonly root: string
  readonly state: RecordedState
  readonly artifacts: ListableArtifactStore
  readonly reader: SourceReader
  readonly calls: CallIndex
  readonly modelSessions: ModelSessions
  openVault(): ErasableVault
  close(): void
}

/** For commands that are about what is recorded: none of them makes a record where there is none. Codes: NOTHING_RECORDED, WORKSPACE_MISSING. */
export function checkRecorded(root: string): void {
  if (!existsSync(root)) {
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'WORKSPACE_MISSING',
      message: `the workspace ${root} is gone`,
      hint: 'Put the folder back, or end this and start it in the folder that holds your sources.',
    })
  }
  checkNotLost(root)
  if (hasState(root)) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NOTHING_RECORDED',
    message: `nothing is recorded in ${root} yet`,
    hint: 'Run `ctxlock lock` or `ctxlock ask "<question>"` first, or give --workspace.',
  })
}

/** Opens the record of earlier runs. Codes: NOTHING_RECORDED, WORKSPACE_MISSING. */
export function openStoredSession(root: string, variables: NodeJS.ProcessEnv): StoredSession {
  checkRecorded(root)
  const state = openRecordedState(root)
  try {
    const { clock, random } = nodeEnvironment
    const files = createStateFiles(state.folder)
    const artifacts = openArtifactStore({ database: state.database, files, clock })
    return {
      root,
      state,
      artifacts,
      reader: createWorkspaceReader(root),
      calls: openCallIndex(state.database, artifacts),
      modelSessions: openModelSessions(state.database),
      openVault: () => openVault({ files, key: openKeyFile(vaultKeyPath(variables)), clock, random }),
      close: state.close,
    }
  } catch (error) {
    state.close()
    throw error
  }
}
