import { EngineError, type DurableEngine, type RunFailure, type RunState } from '@ctxlock/contracts/engine'
import type { Clock, RandomSource, SqlDatabase, Timers } from '@ctxlock/contracts/ports'

import type { EngineParts, Fence, Owner } from './engine-parts.ts'
import { groupCommit, type Commit } from './group-commit.ts'
import { demandIdentifier } from './identifier.ts'
import { openJournal } from './journal.ts'
import { migrate } from './migrations.ts'
import { openNextTurn } from './next-turn.ts'
import { cancelRun, demandDefinition } from './run-cancel.ts'
import { openDispatcher } from './run-dispatcher.ts'
import { openOwnership } from './run-ownership.ts'
import { isOver } from './run-row.ts'
import { decideBySignal } from './run-signals.ts'
import { startRun } from './run-start.ts'
import { openRunTable } from './run-table.ts'
import { openWaiters } from './run-waiters.ts'
import { toStoredJson } from './stored-json.ts'

export interface EngineOptions {
  /** The one connection of the process, opened and later closed by the host, which also chooses its durability. */
  readonly database: SqlDatabase
  readonly environment: {
    readonly clock: Pick<Clock, 'now'>
    readonly timers: Timers
    readonly random: Pick<RandomSource, 'uuid' | 'fraction'>
  }
  /** Default: this process is the only one that works on runs of this file, whatever an earlier one left is free. */
  readonly owner?: Owner
  readonly fence?: Fence
  /** Runs in memory at a time, default 256; a parked run is in nobody's memory. */
  readonly concurrency?: number
  /** How often a serving engine looks what other processes wrote, default 250. */
  readonly lookEveryMs?: number
  /** Commits without waiting for the disk; every later commit on the connection that waits has to take it along. For unsynced activities. */
  readonly unsynced?: Commit
}

const NO_REFUSAL = (): RunFailure | undefined => undefined

/**
 * Opens the engine on an open database and creates or migrates its tables. Nothing runs before `serve`.
 * @throws EngineError `SCHEMA_NEWER`
 */
export function openEngine(options: EngineOptions): DurableEngine {
  const { database, environment, fence = NO_REFUSAL, concurrency = 256, lookEveryMs = 250 } = options
  const { clock, timers, random } = environment
  migrate(database)
  const owner = options.owner ?? { id: random.uuid(), isGone: () => true }
  const parts: EngineParts = {
    database,
    clock,
    timers,
    random,
    owner,
    fence,
    runs: openRunTable(database, clock),
    journal: openJournal(database, clock),
    commits: groupCommit(database, options.unsynced),
    nextTurn: openNextTurn(timers),
  }
  const { runs, journal, commits } = parts
  const dispatcher = openDispatcher(parts, { concurrency, lookEveryMs, changed: (runId) => waiters.tell(runId) })
  const waiters = openWaiters(runs, dispatcher.faultOf)
  const ownership = openOwnership(parts)
  let isClosed = false

  function demandOpen(): void {
    if (isClosed) throw closed()
  }

  async function write<Result>(work: () => Result): Promise<Result> {
    demandOpen()
    return commits.write(work)
  }

  /** Lets everybody here see what was written about a run. */
  function changed(runId: string): void {
    dispatcher.look(runId)
    dispatcher.dispatch()
    waiters.tell(runId)
  }

  return {
    kind: 'sqlite',
    capabilities: {
      distributed: false,
      freesWorkerWhileWaiting: true,
      failover: 'restart',
      sameTransaction: true,
    },

    register(workflow) {
      demandIdentifier('the name of a workflow', workflow.name)
      demandIdentifier('the version of a workflow', workflow.version)
      dispatcher.register(workflow)
    },

    async serve({ runs: only } = {}) {
      await write(() => {
        ownership.freeAbandoned()
        for (const runId of only ?? []) if (runs.row(runId)) ownership.demandFree(runId)
        dispatcher.wakeDue()
      })
      dispatcher.serve(only)
    },

    async start(workflow, input, { runId }) {
      demandIdentifier('the id of a run', runId)
      const { version } = demandDefinition(dispatcher.definitionOf(workflow), workflow)
      const stored = toStoredJson(input, `the input of run ${runId}`)
      // Written down as ours at once, which saves a commit.
      const isOurs = runs.row(runId) === undefined && dispatcher.reserve(runId)
      try {
        const { created, run } = await write(() => {
          const known = startRun(parts, {
            runId,
            workflow,
            version,
            input: stored,
            owner: isOurs ? owner.id : undefined,
          })
          if (!known.created && dispatcher.isServing()) {
            ownership.freeAbandoned()
            ownership.demandFree(runId)
          }
          return known
        })
        dispatcher.include(runId)
        if (isOurs && created) dispatcher.begin(run)
        return { runId, created }
      } finally {
        if (isOurs) dispatcher.unreserve(runId)
        dispatcher.dispatch()
      }
    },

    async signal(runId, name, payload, { idempotencyKey }) {
      demandIdentifier('the name of a signal', name)
      demandIdentifier('the idempotency key of a signal', idempotencyKey)
      const accepted = await write(() => decideBySignal(parts, { runId, name, payload, idempotencyKey }))
      changed(runId)
      return { accepted }
    },

    async cancel(runId, { mode, reason }) {
      const accepted = await write(() => {
        const { workflow } = runs.info(runId)
        const definition = demandDefinition(dispatcher.definitionOf(workflow), workflow)
        const isWorkedOn = dispatcher.has(runId) || ownership.isTaken(runId)
        return cancelRun(parts, definition, { runId, mode, reason, isWorkedOn })
      })
      changed(runId)
      return { accepted }
    },

    async resume(runId) {
      await write(() => {
        const { state } = runs.standing(runId)
        if (isOver(state)) throw finished(runId, state)
        ownership.freeAbandoned()
        ownership.demandFree(runId)
        if (!dispatcher.has(runId)) runs.reopen(runId)
        if (state === 'failed') journal.forgetFailures(runId)
      })
      dispatcher.forgetFault(runId)
      dispatcher.include(runId)
      dispatcher.dispatch()
    },

    async get(runId) {
      demandOpen()
      return runs.row(runId) && runs.info(runId)
    },

    async list(filter = {}) {
      demandOpen()
      return runs.list(filter)
    },

    async ended(runId, { orWaiting = false } = {}) {
      demandOpen()
      return waiters.wait(runId, orWaiting)
    },

    async close() {
      if (isClosed) return
      isClosed = true
      dispatcher.stop()
      waiters.refuse(closed())
      await commits.write(() => runs.release(owner.id))
    },
  }
}

function closed(): EngineError {
  return new EngineError('ENGINE_CLOSED', 'Expected an open engine; this one was closed. Open another one.')
}

function finished(runId: string, state: RunState): EngineError {
  return new EngineError(
    'RUN_FINISHED',
    `Expected run ${runId} to go on with, got one that is ${state}. Start a new run.`,
  )
}
