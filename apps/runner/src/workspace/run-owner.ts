import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Owner } from '@ctxlock/durable-engine'

export interface RunOwner extends Owner {
  close(): void
}

/** Ids come from the database, which others may have written. */
const ID = /^[0-9a-f-]{36}$/

/**
 * This process as one that works on runs: it holds a lock on a file of its own, which the system gives free when it dies. So a run
 * of a killed process is free at once, and that of a living one never, however long it is silent.
 */
export function openRunOwner(stateFolder: string, id: string): RunOwner {
  const path = lockOf(stateFolder, id)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = locked(path)
  if (!lock) throw new Error(`Expected to be the only one with the lock of ${id}.`)

  return {
    id,
    isGone: (owner) => owner !== id && isOwnerGone(stateFolder, owner),
    close() {
      if (lock.isOpen) lock.close()
      rmSync(path, { force: true })
    },
  }
}

/** Who only looks, at a copy of a state that may not be written: takes no part, and leaves the locks of others where they are. */
export function lookingOwner(stateFolder: string, id: string): RunOwner {
  return { id, isGone: (owner) => isLockFree(lockOf(stateFolder, owner), owner), close: () => undefined }
}

function isLockFree(path: string, owner: string): boolean {
  if (!ID.test(owner) || !existsSync(path)) return true
  const lock = new DatabaseSync(path, { readOnly: true })
  try {
    lock.prepare('SELECT 1 FROM sqlite_schema').get()
    return true
  } catch (error) {
    if (isLocked(error)) return false
    throw error
  } finally {
    lock.close()
  }
}

/** True when no living process is this owner; what is left of its lock is removed then. */
export function isOwnerGone(stateFolder: string, owner: string): boolean {
  const path = lockOf(stateFolder, owner)
  if (!ID.test(owner) || !existsSync(path)) return true
  const abandoned = locked(path)
  if (!abandoned) return false
  abandoned.close()
  rmSync(path, { force: true })
  return true
}

function lockOf(stateFolder: string, owner: string): string {
  return join(stateFolder, 'owners', `${owner}.lock`)
}

/** The locked file, or nothing when another process has it. */
function locked(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (isLocked(error)) return undefined
    throw error
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /locked/.test(error.message)
}
