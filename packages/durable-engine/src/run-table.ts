import { EngineError, type ListOptions, type RunInfo, type RunState, type RunWait } from '@ctxlock/contracts/engine'
import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'

import { lineOf } from './identifier.ts'
import { RUN_STATES, runOfRow, stateOf, waitsOf, type Row, type RunOutcome } from './run-row.ts'
import { toStoredJson, type StoredJson } from './stored-json.ts'

export interface NewRun {
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly input: StoredJson
  /** Who works on it from the start. */
  readonly owner: string | undefined
}

/** What decides who may write in the name of a run. */
export interface RunStanding {
  readonly state: RunState
  readonly owner: string | undefined
  /** Set once it is to be cancelled. */
  readonly reason: string | undefined
}

/** The rows of `engine_run`. Whoever writes several things at once opens the transaction. */
export interface RunTable {
  add(run: NewRun): void
  row(runId: string): Row | undefined
  /** Throws `RUN_UNKNOWN`. */
  info(runId: string): RunInfo
  standing(runId: string): RunStanding
  list(options: ListOptions): readonly RunInfo[]
  /** Runs nobody works on, oldest first, of these lines and, if given, of these ids. */
  pending(lines: readonly string[], runIds: readonly string[] | undefined, limit: number): readonly string[]
  owners(): readonly string[]
  claim(runId: string, owner: string): boolean
  /** Gives free what a process works on: `pending` for anyone. */
  release(owner: string): void
  park(runId: string, waits: readonly RunWait[]): void
  nearestDue(): number | undefined
  due(now: number, limit: number): readonly { readonly runId: string; readonly waits: readonly RunWait[] }[]
  /** Makes a parked run pending. */
  wake(runId: string): void
  requestCancel(runId: string, reason: string): void
  end(runId: string, outcome: RunOutcome): void
  /** Makes a run that failed, or that nobody works on any more, pending. */
  reopen(runId: string): void
}

export function openRunTable(database: SqlDatabase, clock: Pick<Clock, 'now'>): RunTable {
  const select = database.prepare('SELECT * FROM engine_run WHERE run_id = ?')
  const selectStanding = database.prepare('SELECT state, owner, reason FROM engine_run WHERE run_id = ?')
  const selectList = database.prepare(
    `SELECT * FROM engine_run WHERE state IN (SELECT value FROM json_each(?)) AND workflow = coalesce(?, workflow)
     AND number < CASE WHEN ? IS NULL THEN 9223372036854775807 ELSE (SELECT number FROM engine_run WHERE run_id = ?) END
     ORDER BY number DESC LIMIT ?`,
  )
  const selectPending = database.prepare(
    `SELECT run_id FROM engine_run INDEXED BY engine_run_pending WHERE state = 'pending' AND line IN (SELECT value FROM json_each(?))
     AND (? OR run_id IN (SELECT value FROM json_each(?))) ORDER BY number LIMIT ?`,
  )
  /** Asked far more often than there is one. */
  const selectAnyPending = database.prepare(`SELECT 1 FROM engine_run WHERE state = 'pending' LIMIT 1`)
  const selectOwners = database.prepare(`SELECT DISTINCT owner FROM engine_run WHERE state = 'running'`)
  const selectNearest = database.prepare('SELECT min(due) AS due FROM engine_run WHERE due IS NOT NULL')
  const selectDue = database.prepare('SELECT run_id, waits FROM engine_run WHERE due <= ? ORDER BY due LIMIT ?')
  const insert = database.prepare(
    `INSERT INTO engine_run (run_id, workflow, version, line, input, input_hash, state, owner, started_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const claim = database.prepare(
    `UPDATE engine_run SET state = 'running', owner = ? WHERE run_id = ? AND state = 'pending'`,
  )
  const release = database.prepare(
    `UPDATE engine_run SET state = 'pending', owner = NULL WHERE state = 'running' AND owner = ?`,
  )
  const park = database.prepare(
    `UPDATE engine_run SET state = 'waiting', owner = NULL, waits = ?, due = ? WHERE run_id = ? AND state = 'running'`,
  )
  const wake = database.prepare(
    `UPDATE engine_run SET state = 'pending', due = NULL WHERE run_id = ? AND state = 'waiting'`,
  )
  const requestCancel = database.prepare('UPDATE engine_run SET reason = ? WHERE run_id = ? AND reason IS NULL')
  const end = database.prepare(
    `UPDATE engine_run SET state = ?1, owner = NULL, due = NULL, outcome = ?2, reason = coalesce(?3, reason), finished_at = ?4
     WHERE run_id = ?5 AND (finished_at IS NULL OR (state = 'failed' AND ?1 = 'cancelled'))`,
  )
  const reopen = database.prepare(
    `UPDATE engine_run SET state = 'pending', owner = NULL, outcome = NULL, finished_at = NULL
     WHERE run_id = ? AND state IN ('failed', 'running')`,
  )
  const runIdOf = (row: Row): string => String(row['run_id'])

  return {
    add({ runId, workflow, version, input, owner }) {
      const state = owner === undefined ? 'pending' : 'running'
      const line = lineOf(workflow, version)
      insert.run(runId, workflow, version, line, input.text, input.hash, state, owner ?? null, clock.now())
    },
    row: (runId) => select.get(runId),
    info(runId) {
      const row = select.get(runId)
      if (row) return runOfRow(row)
      throw unknownRun(runId)
    },
    standing(runId) {
      const row = selectStanding.get(runId)
      if (!row) throw unknownRun(runId)
      return { state: stateOf(row), owner: textOrNone(row['owner']), reason: textOrNone(row['reason']) }
    },
    list: ({ states = RUN_STATES, workflow, before = null, limit = 1000 }) =>
      selectList.all(JSON.stringify(states), workflow ?? null, before, before, limit).map(runOfRow),
    pending(lines, runIds, limit) {
      if (!selectAnyPending.get()) return []
      const isAnyId = runIds === undefined ? 1 : 0
      return selectPending.all(JSON.stringify(lines), isAnyId, JSON.stringify(runIds ?? []), limit).map(runIdOf)
    },
    owners: () => selectOwners.all().map((row) => String(row['owner'])),
    claim: (runId, owner) => Number(claim.run(owner, runId).changes) === 1,
    release: (owner) => void release.run(owner),
    park(runId, waits) {
      const times = waits.flatMap(({ until }) => (until === undefined ? [] : [until]))
      const due = times.length === 0 ? null : Math.min(...times)
      park.run(toStoredJson(waits, `the waits of run ${runId}`).text, due, runId)
    },
    nearestDue() {
      const due = selectNearest.get()?.['due']
      return typeof due === 'number' ? due : undefined
    },
    due: (now, limit) => selectDue.all(now, limit).map((row) => ({ runId: runIdOf(row), waits: waitsOf(row) })),
    wake: (runId) => void wake.run(runId),
    requestCancel: (runId, reason) => void requestCancel.run(reason, runId),
    end(runId, outcome) {
      const kept = outcome.state === 'cancelled' ? null : toStoredJson(outcome, `the outcome of run ${runId}`).text
      const reason = outcome.state === 'cancelled' ? outcome.reason : null
      end.run(outcome.state, kept, reason, clock.now(), runId)
    },
    reopen: (runId) => void reopen.run(runId),
  }
}

function unknownRun(runId: string): EngineError {
  return new EngineError('RUN_UNKNOWN', `Expected the id of a started run, got ${runId}. Start it first.`)
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
