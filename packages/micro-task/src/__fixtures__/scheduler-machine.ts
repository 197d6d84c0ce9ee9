import { DatabaseSync } from 'node:sqlite'

import { DEFAULT_SCHEDULER_LIMITS, type ScheduledCall, type SchedulerLimits } from '@ctxlock/contracts/scheduler'

import type { SchedulerEvent } from '../scheduler/limit-store.ts'
import { createScheduler } from '../scheduler/scheduler.ts'
import { openLimitStore } from '../scheduler/sql-limit-store.ts'
import { simulatedTime, type SimulatedTime } from './simulated-time.ts'

export interface Machine {
  readonly time: SimulatedTime
  readonly database: DatabaseSync
  readonly events: { readonly at: number; readonly event: SchedulerEvent; readonly call: ScheduledCall }[]
}

export function machine(path = ':memory:'): Machine {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL')
  return { time: simulatedTime(), database, events: [] }
}

export function schedulerOn({ time, database, events }: Machine, limits: Partial<SchedulerLimits> = {}, owner = 'one') {
  const record = (event: SchedulerEvent, call: ScheduledCall) =>
    void events.push({ at: time.clock.monotonic(), event, call })
  const all = { ...DEFAULT_SCHEDULER_LIMITS, ...limits }
  const store = openLimitStore({ database, clock: time.clock, limits: all, record })
  return { store, scheduler: createScheduler({ store, timers: time.timers, owner }) }
}

let made = 0
export function callOf(changes: Partial<ScheduledCall> = {}): ScheduledCall {
  made += 1
  const id = changes.call_id ?? `call-${made}`
  return {
    call_id: id,
    job_id: 'job',
    session_id: `session-${id}`,
    provider_id: 'ollama',
    model_id: 'coder:7b',
    lane: 'PRIMARY',
    priority: 50,
    tokens: 100,
    ...changes,
  }
}

/** A call that takes so long. */
export const lasting = (time: SimulatedTime, milliseconds: number, usedTokens?: number) => ({
  make: () => new Promise<void>((resolve) => void time.timers.after(milliseconds, resolve)),
  usedTokens: () => usedTokens,
})

export const grants = ({ events }: Machine) => events.filter(({ event }) => event.type === 'session_scheduler.dispatch')
