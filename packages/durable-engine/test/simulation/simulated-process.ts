import type { DatabaseSync } from 'node:sqlite'

import type { DurableEngine } from '@ctxlock/contracts/engine'

import { openEngine } from '../../src/index.ts'
import { mortalDatabase, preparedOnce, type Life } from '../support/mortal-database.ts'
import type { VirtualTime } from '../support/virtual-time.ts'
import { plannedWorkflow, type PlannedProcess } from './planned-workflow.ts'

/** One process with an engine: the real one, over a connection that dies with it. */
export interface SimulatedProcess {
  readonly name: string
  readonly engine: DurableEngine
  readonly timers: number
  isAlive(): boolean
  kill(): void
  /** Kills it at the commit after so many. */
  killAtCommit(count: number, when: 'before' | 'after'): void
  setStopped(isStopped: boolean): void
}

export const POISONED = { name: 'Poisoned', code: 'JOB_POISONED', message: 'may write no more' }

export interface ProcessOptions extends Omit<PlannedProcess, 'life' | 'timers'> {
  readonly database: DatabaseSync
  readonly time: VirtualTime
  isGone(owner: string): boolean
}

export function startProcess(options: ProcessOptions): SimulatedProcess {
  const { name, database, time, concurrency, isGone } = options
  const process = time.process()
  let death: { count: number; readonly when: 'before' | 'after' } | undefined
  const life: Life = {
    isAlive: true,
    diesAtCommit(when) {
      if (death?.when !== when) return false
      death.count -= 1
      if (death.count >= 0) return false
      process.kill()
      return true
    },
  }
  const selectFence = preparedOnce(database, 'SELECT 1 FROM fence WHERE run_id = ?')
  const engine = openEngine({
    database: mortalDatabase(database, life),
    environment: process.environment,
    owner: { id: name, isGone },
    fence: (_, runId) => (selectFence.get(runId) ? POISONED : undefined),
    concurrency,
    lookEveryMs: 4000,
  })
  engine.register(plannedWorkflow({ ...options, life, timers: process.environment.timers }))
  return {
    name,
    engine,
    get timers() {
      return process.timers
    },
    isAlive: () => life.isAlive,
    kill() {
      life.isAlive = false
      process.kill()
    },
    killAtCommit(count, when) {
      death = { count, when }
    },
    setStopped: (isStopped) => process.setStopped(isStopped),
  }
}
