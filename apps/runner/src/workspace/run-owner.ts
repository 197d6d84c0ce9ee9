import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
  const folder = join(stateFolder, 'owners')
  const pathOf = (owner: string) => join(folder, `${owner}.lock`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = locked(pathOf(id))
  if (!lock) throw new Error(`Expected to be the only one with the lock of ${id}.`)

  return {
    id,
    isGone(owner) {
      if (owner === id) return false
      if (!ID.test(owner) || !existsSync(pathOf(owner))) return true
      const abandoned = locked(pathOf(owner))
      if (!abandoned) return false
      abandoned.close()
      rmSync(pathOf(owner), { force: true })
      return true
    },
    close() {
      lock.close()
      rmSync(pathOf(id), { force: true })
    },
  }
}

/** The locked file, or nothing when another process has it. */
function locked(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked/.test(error.message)) return undefined
    throw error
  }
}
