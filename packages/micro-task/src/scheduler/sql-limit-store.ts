import { isDeepStrictEqual } from 'node:util'

import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import { ScheduledCall, type SchedulerLimits } from '@ctxlock/contracts/scheduler'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { MicroTaskError } from '../micro-task-error.ts'
import { admit, type SchedulerView } from './admission.ts'
import { LEASE_MS, type LimitStore, type SchedulerEvent } from './limit-store.ts'
import { cancelled, dispatched, enqueued, rateLimited } from './scheduler-events.ts'
import { SCHEDULER_TABLES } from './scheduler-tables.ts'
import { lanePasses, providerBuckets, statementsOf } from './shared-state.ts'

export interface LimitStoreOptions {
  readonly database: SqlDatabase
  readonly clock: Pick<Clock, 'now'>
  readonly limits: SchedulerLimits
  /** Records one event in the transaction that is open; a throw undoes it. */
  record(event: SchedulerEvent, call: ScheduledCall): void
  /** Whether the process of that name has ended, where the host can tell at once; without it a lease tells later. */
  isGone?(owner: string): boolean
}

/** Waiting a second makes up for one point of priority, so that nothing waits behind newcomers for ever. */
const AGING_MS = 1_000
/** No server can stop the runs of a workspace for longer by one answer. */
const LONGEST_CLOSED_MS = 300_000
/** How long a process may miss that another one gave a slot back. */
const POLL_MS = 250

/** Limits in the state database, shared by every process that opens it. */
export function openLimitStore(options: LimitStoreOptions): LimitStore {
  const { database, clock, limits, record, isGone = () => false } = options
  database.exec(SCHEDULER_TABLES)
  const sql = statementsOf(database)
  const lanes = lanePasses(sql)
  const buckets = providerBuckets(sql, limits)

  return {
    enqueue(owner, call) {
      inTransaction(database, () => {
        renew(owner)
        const known = sql('SELECT call FROM scheduler_call WHERE call_id = ?').get(call.call_id)
        if (known) {
          demandSame(callOf(known), call)
          sql(`UPDATE scheduler_call SET owner = ?, state = 'QUEUED' WHERE call_id = ?`).run(owner, call.call_id)
        } else {
          insert(owner, call)
          record(enqueued(call), call)
        }
      })
    },

    admit(owner) {
      return inTransaction(database, () => {
        forgetFuture(clock.now())
        renew(owner)
        endLeases(owner)
        const started: ScheduledCall[] = []
        for (;;) {
          const { next, rateLimited: waiting } = admit(view(), limits, clock.now())
          // Another process asks for its own call; taking its turn would starve it.
          if (next && isOf(owner, next)) {
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
        const call = remove(callId)
        if (!call || usedTokens === undefined) return
        buckets.charge(call.provider_id, { requests: 0, tokens: usedTokens - call.tokens }, clock.now())
      })
    },

    close(providerId, milliseconds) {
      const until = clock.now() + Math.min(Math.ceil(milliseconds), LONGEST_CLOSED_MS)
      sql(
        `INSERT INTO scheduler_closed (provider_id, until) VALUES (?, ?)
         ON CONFLICT (provider_id) DO UPDATE SET until = max(until, excluded.until)`,
      ).run(providerId, until)
    },

    hold(owner, holdId, modelId) {
      inTransaction(database, () => {
        renew(owner)
        sql('INSERT INTO scheduler_hold (hold_id, owner, model_id) VALUES (?, ?, ?)').run(holdId, owner, modelId)
      })
    },

    release(holdId) {
      sql('DELETE FROM scheduler_hold WHERE hold_id = ?').run(holdId)
    },

    running(modelId) {
      const row = sql(
        `SELECT count(*) AS calls FROM scheduler_call JOIN scheduler_owner USING (owner)
         WHERE state = 'RUNNING' AND model_id = ? AND seen_at > ?`,
      ).get(modelId, aliveSince())
      return Number(row?.['calls'])
    },

    cancel(callId, reason, cancelledBy) {
      inTransaction(database, () => {
        const call = remove(callId)
        if (call) record(cancelled(call, reason, cancelledBy), call)
      })
    },

    renew,

    calls() {
      const rows = sql('SELECT * FROM scheduler_call JOIN scheduler_owner USING (owner) ORDER BY seq').all()
      return rows.map((row) => ({
        ...callOf(row),
        state: row['state'] === 'RUNNING' ? 'RUNNING' : 'QUEUED',
        enqueuedAt: Number(row['enqueued_at']),
        isAlive: Number(row['seen_at']) > aliveSince(),
      }))
    },
  }

  function insert(owner: string, call: ScheduledCall): void {
    const { call_id, session_id, provider_id, model_id, lane, priority } = call
    const now = clock.now()
    if (!sql(`SELECT 1 FROM scheduler_call WHERE lane = ? AND state = 'QUEUED' LIMIT 1`).get(lane)) lanes.wake(lane)
    sql(
      `INSERT INTO scheduler_call (call_id, owner, session_id, provider_id, model_id, lane, rank, state, call, enqueued_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'QUEUED', ?, ?)`,
    ).run(call_id, owner, session_id, provider_id, model_id, lane, now + priority * AGING_MS, JSON.stringify(call), now)
  }

  function view(): SchedulerView {
    const since = aliveSince()
    const running = `SELECT * FROM scheduler_call JOIN scheduler_owner USING (owner) WHERE state = 'RUNNING' AND seen_at > ?`
    // One call of a session at a time (MT-064); of each lane and model only the most urgent call can be next.
    const heads = sql(
      `SELECT call FROM (
         SELECT call, rank, seq, row_number() OVER (PARTITION BY lane, provider_id, model_id ORDER BY rank, seq) AS place
         FROM scheduler_call JOIN scheduler_owner USING (owner)
         WHERE state = 'QUEUED' AND seen_at > ? AND session_id NOT IN (SELECT session_id FROM (${running}))
           AND model_id NOT IN (SELECT model_id FROM scheduler_hold JOIN scheduler_owner USING (owner) WHERE seen_at > ?)
       ) WHERE place = 1 ORDER BY rank, seq`,
    )
    return {
      running: sql(running).all(since).map(callOf),
      heads: heads.all(since, since, since).map(callOf),
      passes: lanes.read(),
      buckets: buckets.read(),
      closed: closedProviders(),
    }
  }

  function closedProviders(): ReadonlyMap<string, number> {
    const now = clock.now()
    // Further away than anybody can close it: the clock went back.
    const rows = sql('SELECT provider_id, until FROM scheduler_closed WHERE until > ? AND until <= ?').all(
      now,
      now + LONGEST_CLOSED_MS,
    )
    return new Map(rows.map(({ provider_id, until }) => [String(provider_id), Number(until)]))
  }

  function start(call: ScheduledCall): void {
    const now = clock.now()
    const row = sql(`UPDATE scheduler_call SET state = 'RUNNING' WHERE call_id = ? RETURNING enqueued_at`).get(
      call.call_id,
    )
    lanes.grant(call.lane)
    buckets.charge(call.provider_id, { requests: 1, tokens: call.tokens }, now)
    record(dispatched(call, Math.max(0, now - Number(row?.['enqueued_at'] ?? now))), call)
  }

  /** Once for each wait, not for each time that somebody looks. */
  function noteBackoff(call: ScheduledCall, waitMs: number): void {
    const now = clock.now()
    const row = sql(
      `UPDATE scheduler_call SET backoff_until = ?, attempts = attempts + 1
       WHERE call_id = ? AND (backoff_until IS NULL OR backoff_until <= ?) RETURNING attempts`,
    ).get(now + waitMs, call.call_id, now)
    if (row) record(rateLimited(call, waitMs, Number(row['attempts'])), call)
  }

  function remove(callId: string): ScheduledCall | undefined {
    const row = sql('DELETE FROM scheduler_call WHERE call_id = ? RETURNING call').get(callId)
    return row && callOf(row)
  }

  function isOf(owner: string, { call_id }: ScheduledCall): boolean {
    return sql('SELECT 1 FROM scheduler_call WHERE call_id = ? AND owner = ?').get(call_id, owner) !== undefined
  }

  /** Written no more often than it has to be: looking for a turn is no reason to wait for the disk. */
  function renew(owner: string): void {
    const now = clock.now()
    const seen = sql('SELECT seen_at FROM scheduler_owner WHERE owner = ?').get(owner)?.['seen_at']
    if (seen !== undefined && Number(seen) > now - LEASE_MS / 3) return
    sql('INSERT OR REPLACE INTO scheduler_owner VALUES (?, ?)').run(owner, now)
  }

  /** The clock went back: what is on record of later moments would stand still, or live, until it has caught up with them. */
  function forgetFuture(now: number): void {
    sql('UPDATE scheduler_bucket SET at = ? WHERE at > ?').run(now, now)
    sql('UPDATE scheduler_owner SET seen_at = ? WHERE seen_at > ?').run(now, now)
    sql(
      `UPDATE scheduler_call SET rank = rank - enqueued_at + ?, enqueued_at = ?, backoff_until = NULL WHERE enqueued_at > ?`,
    ).run(now, now, now)
  }

  /** What a process that has gone was doing frees its slot at once, and what it held back goes on. */
  function endLeases(owner: string): void {
    const others = sql(
      `SELECT owner FROM scheduler_owner JOIN (SELECT owner FROM scheduler_call UNION SELECT owner FROM scheduler_hold)
       USING (owner) WHERE owner <> ? AND seen_at > ?`,
    ).all(owner, aliveSince())
    const end = sql('UPDATE scheduler_owner SET seen_at = 0 WHERE owner = ?')
    for (const other of others) if (isGone(String(other['owner']))) end.run(String(other['owner']))
  }

  function aliveSince(): number {
    return clock.now() - LEASE_MS
  }
}

/** The state folder can be written by others: what is read back is checked like any input. */
function callOf(row: Record<string, unknown>): ScheduledCall {
  return ScheduledCall.parse(JSON.parse(String(row['call'])))
}

function demandSame(known: ScheduledCall, call: ScheduledCall): void {
  if (isDeepStrictEqual(known, call)) return
  throw new MicroTaskError('CALL_REUSED', `Expected the call ${call.call_id} as it was asked for the first time.`)
}
