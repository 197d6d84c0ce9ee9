import type { Commit, DurableEngine, StepWork } from '@ctxlock/contracts/engine'
import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import { Identifier } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import type { JsonValue } from '@ctxlock/core-hash'

import { EngineError } from './engine-error.ts'
import { migrate } from './migrations.ts'
import { runOfRow, textOf } from './run-row.ts'
import { fromStoredJson, type StoredJson, toStoredJson } from './stored-json.ts'

export interface EngineOptions {
  /** The one connection of the process, opened and later closed by the host, which also chooses its durability. */
  readonly database: SqlDatabase
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Opens the engine on an open database and creates or migrates its tables. One process owns the file.
 * @throws EngineError `SCHEMA_NEWER`
 */
export function openEngine({ database, clock }: EngineOptions): DurableEngine {
  migrate(database)
  const selectRun = database.prepare('SELECT * FROM engine_run WHERE run_id = ?')
  const selectState = database.prepare('SELECT state FROM engine_run WHERE run_id = ?')
  const insertRun = database.prepare(
    `INSERT INTO engine_run (run_id, workflow, version, input, input_hash, state, started_at) VALUES (?, ?, ?, ?, ?, 'running', ?)`,
  )
  const closeRun = database.prepare('UPDATE engine_run SET state = ?, outcome = ?, finished_at = ? WHERE run_id = ?')
  const selectStep = database.prepare('SELECT input_hash, result FROM engine_step WHERE run_id = ? AND key = ?')
  const insertStep = database.prepare(
    'INSERT INTO engine_step (run_id, key, input_hash, result, finished_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const selectNewest = database.prepare('SELECT * FROM engine_run ORDER BY started_at DESC, run_id DESC LIMIT ?')
  const selectUnfinished = database.prepare(
    `SELECT * FROM engine_run WHERE state = 'running' ORDER BY started_at, run_id`,
  )
  /** Steps whose work is under way, so that two callers of one step share one call of it. */
  const underWay = new Map<string, { readonly inputHash: string; readonly result: Promise<JsonValue> }>()

  return {
    startRun(runId, workflow, version, input) {
      for (const [what, id] of Object.entries({ runId, workflow, version })) demandIdentifier(what, id)
      const stored = toStoredJson(input, `the input of run ${runId}`)
      return inTransaction(database, () => {
        const row = selectRun.get(runId)
        if (row) {
          demandSameRun(row, { runId, workflow, version, inputHash: stored.hash })
          return { created: false, run: runOfRow(row) }
        }
        const startedAt = clock.now()
        insertRun.run(runId, workflow, version, stored.text, stored.hash, startedAt)
        const own = fromStoredJson(stored.text, 'input')
        return { created: true, run: { runId, workflow, version, input: own, state: 'running', startedAt } }
      })
    },

    async step(runId, key, input, work, commit) {
      demandIdentifier('key', key)
      const stored = toStoredJson(input, `the input of step ${runId}/${key}`)
      const finished = finishedStep(runId, key, stored.hash)
      if (finished !== undefined) return finished
      demandRunning(runId)
      const id = JSON.stringify([runId, key])
      const running = underWay.get(id)
      if (running) {
        demandSameInput(runId, key, running.inputHash, stored.hash)
        return running.result
      }
      const result = runStep(runId, key, stored, work, commit).finally(() => underWay.delete(id))
      underWay.set(id, { inputHash: stored.hash, result })
      return result
    },

    now(runId, key) {
      demandIdentifier('key', key)
      const input = toStoredJson(['now'], 'the marker of a clock reading')
      return inTransaction(database, () => {
        const finished = finishedStep(runId, key, input.hash)
        if (finished !== undefined) return Number(finished)
        const now = clock.now()
        recordStep(runId, key, input, toStoredJson(now, 'a clock reading'))
        return now
      })
    },

    finishRun(runId, outcome, commit) {
      const stored = toStoredJson(outcome, `the outcome of run ${runId}`)
      inTransaction(database, () => {
        const row = selectRun.get(runId)
        if (row?.['outcome'] === stored.text) return
        demandRunning(runId)
        closeRun.run(outcome.state, stored.text, clock.now(), runId)
        runCommit(commit, outcome.state === 'completed' ? outcome.result : null)
      })
    },

    getRun(runId) {
      const row = selectRun.get(runId)
      return row && runOfRow(row)
    },

    listRuns({ limit = 1000 } = {}) {
      return selectNewest.all(limit).map(runOfRow)
    },

    unfinished() {
      return selectUnfinished.all().map(runOfRow)
    },
  }

  async function runStep(runId: string, key: string, input: StoredJson, work: StepWork, commit?: Commit) {
    const scope = { runId, idempotencyKey: `${runId}/${key}` }
    // A copy, so that the work cannot change what a later run would compare with.
    const value = await work(fromStoredJson(input.text, 'input'), scope)
    const result = toStoredJson(value, `the result of step ${runId}/${key}`)
    // Inside a caller's transaction the result would be reported as durable before it is.
    if (database.isTransaction) {
      throw new EngineError(
        'INSIDE_TRANSACTION',
        `Expected no open transaction when step ${runId}/${key} ends. Commit before awaiting.`,
      )
    }
    return inTransaction(database, () => {
      demandRunning(runId)
      recordStep(runId, key, input, result)
      const recorded = fromStoredJson(result.text, 'result')
      runCommit(commit, recorded)
      return recorded
    })
  }

  function recordStep(runId: string, key: string, input: StoredJson, result: StoredJson): void {
    demandRunning(runId)
    const { changes } = insertStep.run(runId, key, input.hash, result.text, clock.now())
    if (Number(changes) === 1) return
    throw new EngineError(
      'STEP_TAKEN',
      `Expected to be the only process on this file; another one finished step ${runId}/${key}. Its result stands, this one was undone.`,
    )
  }

  function runCommit(commit: Commit | undefined, result: JsonValue): void {
    const returned: unknown = commit?.(database, result)
    if (returned instanceof Promise) {
      // Its writes would land after the transaction they belong to; its failure is not ours to report.
      returned.catch(() => undefined)
      throw new EngineError(
        'COMMIT_ASYNC',
        'Expected commit to be synchronous, got a promise. Do asynchronous work in the step.',
      )
    }
  }

  function finishedStep(runId: string, key: string, inputHash: string): JsonValue | undefined {
    const row = selectStep.get(runId, key)
    if (!row) return undefined
    demandSameInput(runId, key, textOf(row, 'input_hash'), inputHash)
    return fromStoredJson(row['result'], `result of step ${runId}/${key}`)
  }

  function demandRunning(runId: string): void {
    const state = selectState.get(runId)?.['state']
    if (state === 'running') return
    if (state === undefined) {
      throw new EngineError('RUN_UNKNOWN', `Expected a started run, got ${runId}. Call startRun first.`)
    }
    throw new EngineError(
      'RUN_FINISHED',
      `Expected run ${runId} to be running; it is finished. Start a run with another id.`,
    )
  }
}

function demandIdentifier(what: string, id: string): void {
  if (Identifier.safeParse(id).success) return
  throw new EngineError('ID_INVALID', `Expected ${what} to be 1 to 256 characters on one line, got ${id.length}.`)
}

function demandSameInput(runId: string, key: string, recorded: string, given: string): void {
  if (recorded === given) return
  throw new EngineError(
    'NON_DETERMINISM',
    `Expected step ${runId}/${key} with the input ${recorded}, got ${given}. Code or its data changed within a run; start a new run, or give the step a new key.`,
  )
}

function demandSameRun(
  row: Readonly<Record<string, unknown>>,
  given: { readonly runId: string; readonly workflow: string; readonly version: string; readonly inputHash: string },
): void {
  const { runId, workflow, version, inputHash } = given
  const recorded = { workflow: textOf(row, 'workflow'), version: textOf(row, 'version') }
  if (recorded.workflow !== workflow || textOf(row, 'input_hash') !== inputHash) {
    const what = recorded.workflow === workflow ? 'another input' : `the workflow ${recorded.workflow}`
    throw new EngineError(
      'RUN_CONFLICT',
      `Expected a new run id, got ${runId}, which was started with ${what}. Choose another id.`,
    )
  }
  if (majorOf(recorded.version) !== majorOf(version)) {
    throw new EngineError(
      'VERSION_MISMATCH',
      `Expected major version ${majorOf(recorded.version)} of ${workflow} for run ${runId}, got ${version}. Finish it with the older code, or start a new run.`,
    )
  }
}

function majorOf(version: string): string {
  return version.split('.', 1)[0] ?? version
}
