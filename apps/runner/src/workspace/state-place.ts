import { statSync } from 'node:fs'
import { join } from 'node:path'

/** Where a workspace keeps what ctxlock makes and nobody commits. */
export const STATE_FOLDER = '.ctxlock'
export const STATE_DATABASE = 'state.db'

/** True when an earlier run left a state to read. One that SQLite has not written to yet is none. */
export function hasState(root: string): boolean {
  try {
    const database = statSync(join(root, STATE_FOLDER, STATE_DATABASE))
    return database.isFile() && database.size > 0
  } catch {
    return false
  }
}
