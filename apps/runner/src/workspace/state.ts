import { createSecretKey, type KeyObject } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase, Timers } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { checkLogVersion, RecorderError, SEALED_TEXT, sealedTextReader } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { diskHint } from '../environment/disk-hint.ts'
import { openKeyFile, readKeyFile } from '../environment/key-file.ts'
import { createSegmentFiles } from '../environment/segment-files.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { damagedState, isDamagedDatabase } from './damaged-state.ts'
import { rememberStatements } from './remembered-statements.ts'
import { hasState, STATE_DATABASE, STATE_FOLDER } from './state-place.ts'
import { openUnsyncedWrites, type UnsyncedWrites } from './unsynced-writes.ts'

/** Below it: the newest signed checkpoint of the log, with the tree's tiles beside it. */
export const CHECKPOINT_FILE = join('log', 'checkpoint')

export interface OpenState {
  readonly folder: string
  readonly database: SqlDatabase
  close(): void
}

export interface WorkspaceState extends OpenState {
  /** 32 bytes that key the digests of prompts and replies; never leaves the state folder. */
  readonly digestKey: KeyObject
  /**
   * For work that writes: in one transaction that, when this returns, is on disk with everything before it, or part of the open
   * transaction around it.
   */
  synced<Result>(work: () => Result): Result
  /** For what nothing outside depends on yet. */
  readonly unsynced: UnsyncedWrites
  /** For steps in a row that only write so; see `UnsyncedWriter`. */
  readonly unsyncedSteps: UnsyncedWrites
}

export interface RecordedState extends OpenState {
  /** The folder may not be written, so that a copy of its database is read. */
  readonly isCopy: boolean
  /** The key the recorded digests were made with; read when it is needed, never made. Code: DIGEST_KEY_UNREADABLE. */
  digestKey(): Uint8Array
}

/**
 * Opens `.ctxlock/state.db` and the workspace's digest key, making both on the first run. Codes: STATE_MISSING, STATE_UNAVAILABLE,
 * STATE_DAMAGED, DIGEST_KEY_UNREADABLE, HSK-409-LOG-VERSION.
 */
export function openState(root: string, timers: Timers): WorkspaceState {
  const folder = join(root, STATE_FOLDER)
  checkNotLost(root)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // The state never belongs into a commit, whatever the workspace's own ignore rules say.
    if (!existsSync(join(folder, '.gitignore'))) writeFileSync(join(folder, '.gitignore'), '*\n')
    // Made before the database, so beside one a missing key was lost: with another one every earlier digest would look altered.
    const key = hasState(root) ? recordedKey(folder) : openKeyFile(join(folder, 'digest.key'))
    const digestKey = createSecretKey(key)
    const database = openDatabase(join(folder, STATE_DATABASE), folder)
    chmodSync(join(folder, STATE_DATABASE), 0o600)
    let givenUp: { readonly reason: unknown } | undefined
    const unsynced = openUnsyncedWrites(database, timers, (reason) => {
      givenUp = { reason }
      database.close()
    })
    const close = () => {
      unsynced.close()
      if (database.isOpen) database.close()
    }
    // What is asked later would only hear that the connection is closed.
    const remembering = rememberStatements(database, () => {
      if (givenUp) throw givenUp.reason
    })
    const synced = <Result>(work: () => Result) => {
      const result = inTransaction(remembering, work)
      if (!database.isTransaction) unsynced.synced()
      return result
    }
    const { write, steps } = unsynced
    return { folder, database: remembering, digestKey, synced, unsynced: write, unsyncedSteps: steps, close }
  } catch (error) {
    throw stateError(folder, error)
  }
}

/** Opens what earlier runs left, and makes nothing: a missing key is missing, a folder that is read-only may stay so. */
export function openRecordedState(root: string): RecordedState {
  const folder = join(root, STATE_FOLDER)
  let copy: string | undefined
  const removeCopy = () => copy !== undefined && rmSync(copy, { recursive: true, force: true })
  try {
    // SQLite recovers a killed run's journal and fills lookup caches while it reads.
    if (!isWritable(folder)) copy = copyDatabase(folder)
    const database = openDatabase(join(copy ?? folder, STATE_DATABASE), folder)
    const close = () => {
      database.close()
      removeCopy()
    }
    const isCopy = copy !== undefined
    return { folder, database: rememberStatements(database), isCopy, digestKey: () => recordedKey(folder), close }
  } catch (error) {
    removeCopy()
    throw stateError(folder, error)
  }
}

/**
 * A checkpoint stands beside the database so that a database which is gone, or emptied, is no fresh start. Nor is one that cannot be
 * looked at. Codes: STATE_MISSING, STATE_UNAVAILABLE.
 */
export function checkNotLost(root: string): void {
  if (hasState(root)) return
  const folder = join(root, STATE_FOLDER)
  const path = join(folder, STATE_DATABASE)
  const checkpoint = join(folder, CHECKPOINT_FILE)
  const found = lookedAt(folder, path)
  if ((!found || found.isFile()) && !existsSync(checkpoint)) return
  const state = !found ? 'is gone' : found.isFile() ? 'is empty' : 'is no file'
  const recorded = existsSync(checkpoint) ? `, but ${checkpoint} says that runs were recorded in it` : ''
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'STATE_MISSING',
    message: `${path} ${state}${recorded}`,
    hint: `Put state.db back from a backup, or delete ${folder} as a whole to give that record up.`,
  })
}

function lookedAt(folder: string, path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw new CommandError(
      {
        exit: EXIT_CODE.failed,
        code: 'STATE_UNAVAILABLE',
        message: `whether anything is recorded in ${folder} cannot be seen: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Run the command as the user whose folder it is, or let this one read and write it.',
      },
      { cause: error },
    )
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    accessSync(join(folder, STATE_DATABASE), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function copyDatabase(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'ctxlock-'))
  for (const name of [STATE_DATABASE, `${STATE_DATABASE}-wal`]) {
    if (!existsSync(join(folder, name))) continue
    copyFileSync(join(folder, name), join(copy, name))
    chmodSync(join(copy, name), 0o600)
  }
  return copy
}

function recordedKey(folder: string): Uint8Array {
  const path = join(folder, 'digest.key')
  try {
    return readKeyFile(path)
  } catch (error) {
    throw new CommandError(
      {
        exit: EXIT_CODE.verificationFailed,
        code: 'DIGEST_KEY_UNREADABLE',
        message: `the recorded digest cannot be checked: ${path} is missing or damaged`,
        hint: `Put digest.key back from a backup: it was made with the first run, and no other key can check these digests. Or rename ${folder}, and a new record begins.`,
      },
      { cause: error },
    )
  }
}

/** One commit of a first lock changes 6 MB of pages; those that SQLite's 2 MB could not hold were written and read again. */
const CACHE_KIB = 16_000

/** `folder` is that of the state, which a copy of the database may stand apart from. */
function openDatabase(path: string, folder: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 })
  try {
    const sealedText = sealedTextReader(createSegmentFiles(folder))
    database.function(SEALED_TEXT, (seq) => sealedText(Number(seq)))
    // FULL: an event is durable before the action it describes (REC-013).
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
    // FAST: what was deleted is overwritten in pages that are written anyway.
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA secure_delete = FAST`)
    // Before any package brings its own tables up to date: what is refused stays as the release that wrote it needs it.
    checkLogVersion(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function stateError(folder: string, error: unknown): CommandError | RecorderError {
  if (error instanceof CommandError || error instanceof RecorderError) return error
  if (isDamagedDatabase(error)) return damagedState(error)
  const code = errorCode(error)
  const reason = error instanceof Error ? error.message : String(error)
  const readOnly = ['EROFS', 'EACCES', 'EPERM'].includes(code) || reason.includes('readonly database')
  return new CommandError(
    {
      exit: EXIT_CODE.failed,
      code: 'STATE_UNAVAILABLE',
      message: `the state folder ${folder} could not be opened: ${reason}`,
      hint: readOnly
        ? 'Runs are recorded before they happen, so the folder must be writable. `ctxlock check` and `ctxlock diff` need no state.'
        : `Nothing was run. ${diskHint(error) ?? 'Free disk space or repair the file; earlier files were left as they are.'}`,
    },
    { cause: error },
  )
}
