import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { CommandError } from '../command-error.ts'
import { openKeyFile } from '../environment/key-file.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'

export const STATE_FOLDER = '.ctxlock'

export interface WorkspaceState {
  readonly folder: string
  readonly database: SqlDatabase
  /** 32 bytes that key the digests of prompts and replies; never leaves the state folder. */
  readonly digestKey: Uint8Array
  close(): void
}

/** Opens `.ctxlock/state.db` and the workspace's digest key, making both on the first run. */
export function openState(root: string): WorkspaceState {
  const folder = join(root, STATE_FOLDER)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // The state never belongs into a commit, whatever the workspace's own ignore rules say.
    if (!existsSync(join(folder, '.gitignore'))) writeFileSync(join(folder, '.gitignore'), '*\n')
    const digestKey = openKeyFile(join(folder, 'digest.key'))
    const database = openDatabase(join(folder, 'state.db'))
    return { folder, database, digestKey, close: () => database.close() }
  } catch (error) {
    throw stateError(folder, error)
  }
}

/** True when an earlier run left a state to read. */
export function hasState(root: string): boolean {
  return existsSync(join(root, STATE_FOLDER, 'state.db'))
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 })
  try {
    chmodSync(path, 0o600)
    // FULL: an event is durable before the action it describes (REC-013).
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function stateError(folder: string, error: unknown): CommandError {
  const code = errorCode(error)
  const reason = error instanceof Error ? error.message : String(error)
  const readOnly = code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
  return new CommandError(
    {
      exit: EXIT_CODE.failed,
      code: 'STATE_UNAVAILABLE',
      message: `the state folder ${folder} could not be opened: ${reason}`,
      hint: readOnly
        ? 'Runs are recorded before they happen, so the folder must be writable. `ctxlock check` and `ctxlock diff` need no state.'
        : 'Free disk space or repair the file; nothing was run and earlier files were left as they are.',
    },
    { cause: error },
  )
}
