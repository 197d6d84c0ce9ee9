import { isDeepStrictEqual } from 'node:util'

import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import type { ScheduledCall, SchedulerLimits } from '@ctxlock/contracts/scheduler'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { MicroTaskError } from '../micro-task-error.ts'
import { admit, type SchedulerView } from './admission.ts'
import { callQueue } from './call-queue.ts'
import type { LimitStore, SchedulerEvent } from './limit-store.ts'
import { ownerLeases } from './owner-leases.ts'
import { cancelled, dispatched, enqueued, rateLimited } from './scheduler-events.ts'
import { SCHEDULER_TABLES } from './scheduler-tables.ts'
import { closedProviders, lanePasses, providerBuckets, statementsOf } from './shared-state.ts'

export interface LimitStoreOptions {
  readonly database: SqlDatabase
  readonly clock: Pick<Clock, 'now'>
  readonly limits: SchedulerLimits
  /** Records one event in the transaction that is open; a throw undoes it. */
  record(event: SchedulerEvent, call: ScheduledCall): void
  /** Whether the process of that name has ended, where the host can tell at once; without it a lease tells later. */
  isGone?(owner: string): boolean
}

/** How long a process may miss that another one gave a slot back. */
const POLL_MS = 250

/** Limits in the state database, shared by every process that opens it. */
export function openLimitStore(options: LimitStoreOptions): LimitStore {
  const { database, clock, limits, record, isGone = () => false } = options
  database.exec(SCHEDULER_TABLES)
  const sql = statementsOf(database)
  const owners = ownerLeases(sql, clock, isGone)
  const queue = callQueue(sql)
  const lanes = lanePasses(sql)
  const buckets = providerBuckets(sql, limits)
  const closed = closedProviders(sql)

  return {
    enqueue(owner, call) {
      inTransaction(database, () => {
        owners.renew(owner)
        const known = queue.find(call.call_id)
        if (known) {
          demandSame(known, call)
          queue.queueAgain(owner, call.call_id)
        } else {
          if (queue.isEmpty(call.lane)) lanes.wake(call.lane)
          queue.add(owner, call, clock.now())
          record(enqueued(call), call)
        }
      })
    },

    admit(owner) {
      return inTransaction(database, () => {
        forgetFuture(clock.now())
        owners.renew(owner)
        owners.endOthers(owner)
        const started: ScheduledCall[] = []
        for (;;) {
          const { next, rateLimited: waiting } = admit(view(), limits, clock.now())
          // Another process asks for its own call; taking its turn would starve it.
          if (next && queue.isOf(owner, next.call_id)) {
            start(next)
            started.push(next)
            continue
          }
          for (const { call, waitMs } of waiting) noteBackoff(call, waitMs)
          return { started, askAgainMs: Math.min(POLL_MS, ...waiting.map(({ waitMs }) => waitMs)) }
        }
      })
    },

    finish(callId, usedTokens) {
      inTransaction(database, () => {
        const call = queue.remove(callId)
        if (!call || usedTokens === undefined) return
        buckets.charge(call.provider_id, { requests: 0, tokens: usedTokens - call.tokens }, clock.now())
      })
    },

    close: (providerId, milliseconds) => closed.close(providerId, milliseconds, clock.now()),

    hold(owner, holdId, modelId) {
      inTransaction(database, () => {
        owners.renew(owner)
        sql('INSERT INTO scheduler_hold (hold_id, owner, model_id) VALUES (?, ?, ?)').run(holdId, owner, modelId)
      })
    },

    release(holdId) {
      sql('DELETE FROM scheduler_hold WHERE hold_id = ?').run(holdId)
    },

    running: (modelId) => queue.runningOf(modelId, owners.aliveSince()),

    cancel(callId, reason, cancelledBy) {
      inTransaction(database, () => {
        const call = queue.remove(callId)
        if (call) record(cancelled(call, reason, cancelledBy), call)
      })
    },

    renew: owners.renew,

    calls: () => queue.list(owners.aliveSince()),
  }

  function view(): SchedulerView {
    const since = owners.aliveSince()
    return {
      running: queue.running(since),
      heads: queue.heads(since),
      passes: lanes.read(),
      buckets: buckets.read(),
      closed: closed.read(clock.now()),
    }
  }

  function start(call: ScheduledCall): void {
    const now = clock.now()
    const waitedMs = queue.start(call.call_id, now)
    lanes.grant(call.lane)
    buckets.charge(call.provider_id, { requests: 1, tokens: call.tokens }, now)
    record(dispatched(call, waitedMs), call)
  }

  /** Once for each wait, not for each time that somebody looks. */
  function noteBackoff(call: ScheduledCall, waitMs: number): void {
    const now = clock.now()
    const attempts = queue.noteBackoff(call.call_id, now + waitMs, now)
    if (attempts !== undefined) record(rateLimited(call, waitMs, attempts), call)
  }

  /** The clock went back: what is on record of later moments would stand still, or live, until it has caught up with them. */
  function forgetFuture(now: number): void {
    buckets.forgetFuture(now)
    owners.forgetFuture(now)
    queue.forgetFuture(now)
  }
}

function demandSame(known: ScheduledCall, call: ScheduledCall): void {
  if (isDeepStrictEqual(known, call)) return
  throw new MicroTaskError('CALL_REUSED', `Expected the call ${call.call_id} as it was asked for the first time.`)
}
