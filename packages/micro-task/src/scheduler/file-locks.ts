import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { MicroTaskError } from '../micro-task-error.ts'

/** Files and folders one work unit may change; a folder, written with a slash at its end, takes in what lies below it. */
export interface LockRequest {
  readonly runId: string
  /** Names the work unit; of requests that come together the smaller one goes first (SWAP-030). */
  readonly workUnitId: string
  /** Canonical relative paths. */
  readonly paths: readonly string[]
}

export type LockOutcome =
  | { readonly status: 'locked' }
  | {
      readonly status: 'blocked'
      readonly code: 'CX-MM-002'
      /** Who holds what, at most 64 of them. */
      readonly conflicts: readonly LockConflict[]
      /** For people: what conflicts, and what to do. */
      readonly message: string
      readonly hint: string
    }

export interface HeldLock {
  readonly path: string
  readonly runId: string
  readonly workUnitId: string
}

export interface LockConflict {
  readonly path: string
  readonly heldBy: HeldLock
}

export interface FileLocks {
  /** Takes every lock of a request or none. Outcomes are in the order of the requests. Throws `LOCK_PATH_INVALID`. */
  lock(requests: readonly LockRequest[]): readonly LockOutcome[]
  /** Gives back what a work unit holds, or all of its run. */
  release(runId: string, workUnitId?: string): void
  held(): readonly HeldLock[]
}

export interface FileLockOptions {
  readonly database: SqlDatabase
  /** Whether a run goes on, or can: the locks of one that cannot are given up. Asked in the transaction that takes locks. */
  isAlive(runId: string): boolean
}

const MAX_CONFLICTS = 64
const TABLE = `CREATE TABLE IF NOT EXISTS file_lock (
  path TEXT NOT NULL, run_id TEXT NOT NULL, work_unit_id TEXT NOT NULL, PRIMARY KEY (run_id, work_unit_id, path)
) STRICT`

/** Locks between work units that run at the same time, in the state database (SWAP-029). The later request is blocked. */
export function openFileLocks({ database, isAlive }: FileLockOptions): FileLocks {
  database.exec(TABLE)

  function held(): HeldLock[] {
    return database
      .prepare('SELECT path, run_id, work_unit_id FROM file_lock ORDER BY rowid')
      .all()
      .map(({ path, run_id, work_unit_id }) => ({
        path: String(path),
        runId: String(run_id),
        workUnitId: String(work_unit_id),
      }))
  }

  function lockOne({ runId, workUnitId, paths }: LockRequest): LockOutcome {
    const keys = new Map(paths.map((path) => [path, keyOf(path)]))
    const others = held().filter((lock) => lock.runId !== runId || lock.workUnitId !== workUnitId)
    const conflicts = [...keys].flatMap(([path, key]) =>
      others.filter((lock) => overlap(key, keyOf(lock.path))).map((heldBy) => ({ path, heldBy })),
    )
    if (conflicts.length > 0) return blocked(conflicts)
    const insert = database.prepare('INSERT OR IGNORE INTO file_lock VALUES (?, ?, ?)')
    for (const path of keys.keys()) insert.run(path, runId, workUnitId)
    return { status: 'locked' }
  }

  function release(runId: string, workUnitId?: string): void {
    if (workUnitId === undefined) database.prepare('DELETE FROM file_lock WHERE run_id = ?').run(runId)
    else database.prepare('DELETE FROM file_lock WHERE run_id = ? AND work_unit_id = ?').run(runId, workUnitId)
  }

  return {
    lock(requests) {
      return inTransaction(database, () => {
        const holders = new Set(held().map(({ runId }) => runId))
        for (const runId of holders) if (!isAlive(runId)) release(runId)
        const outcomes = new Map<LockRequest, LockOutcome>()
        for (const request of requests.toSorted(byWorkUnit)) outcomes.set(request, lockOne(request))
        return requests.flatMap((request) => outcomes.get(request) ?? [])
      })
    },
    release,
    held,
  }
}

function blocked(conflicts: readonly LockConflict[]): LockOutcome {
  const [first] = conflicts
  const more = conflicts.length > 1 ? ` and ${conflicts.length - 1} more` : ''
  return {
    status: 'blocked',
    code: 'CX-MM-002',
    conflicts: conflicts.slice(0, MAX_CONFLICTS),
    message: `${first?.path}${more} may be changed by ${first?.heldBy.workUnitId} of the run ${first?.heldBy.runId}`,
    hint: `Wait until that run has ended, or end it with \`ctxlock cancel ${first?.heldBy.runId}\`.`,
  }
}

/** Some file systems do not tell capitals apart: two names that one of them takes for the same file are one lock. */
function keyOf(path: string): string {
  const isFolder = path.endsWith('/')
  if (!isRelativePath(isFolder ? path.slice(0, -1) : path)) {
    throw new MicroTaskError('LOCK_PATH_INVALID', 'Expected a canonical path inside the workspace to lock.')
  }
  return path.normalize('NFC').toUpperCase().toLowerCase()
}

/** Equal, or one of them a folder around the other; a path without a slash may turn out to be a folder too. */
function overlap(left: string, right: string): boolean {
  const [shorter, longer] = [left, right].map((key) => (key.endsWith('/') ? key : `${key}/`)).toSorted(byLength)
  return shorter !== undefined && longer !== undefined && longer.startsWith(shorter)
}

function byLength(left: string, right: string): number {
  return left.length - right.length
}

function byWorkUnit(left: LockRequest, right: LockRequest): number {
  return left.workUnitId < right.workUnitId ? -1 : left.workUnitId > right.workUnitId ? 1 : 0
}
