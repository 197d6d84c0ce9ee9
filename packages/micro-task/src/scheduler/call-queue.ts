import { ScheduledCall, type Lane } from '@ctxlock/contracts/scheduler'

import type { QueuedCall } from './limit-store.ts'
import type { Statements } from './shared-state.ts'

/** Waiting a second makes up for one point of priority, so that nothing waits behind newcomers for ever. */
const AGING_MS = 1_000

/**
 * The calls that wait and that run, in the state database. To be used inside a transaction. `since` is the moment after which an owner
 * must have been seen to count as alive; times are milliseconds since the Unix epoch.
 */
export function callQueue(sql: Statements) {
  return {
    find(callId: string): ScheduledCall | undefined {
      const row = sql('SELECT call FROM scheduler_call WHERE call_id = ?').get(callId)
      return row && callOf(row)
    },

    add(owner: string, call: ScheduledCall, now: number): void {
      const { call_id, session_id, provider_id, model_id, lane, priority } = call
      const rank = now + priority * AGING_MS
      sql(
        `INSERT INTO scheduler_call (call_id, owner, session_id, provider_id, model_id, lane, rank, state, call, enqueued_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'QUEUED', ?, ?)`,
      ).run(call_id, owner, session_id, provider_id, model_id, lane, rank, JSON.stringify(call), now)
    },

    /** A call that is asked for again keeps its place. */
    queueAgain(owner: string, callId: string): void {
      sql(`UPDATE scheduler_call SET owner = ?, state = 'QUEUED' WHERE call_id = ?`).run(owner, callId)
    },

    remove(callId: string): ScheduledCall | undefined {
      const row = sql('DELETE FROM scheduler_call WHERE call_id = ? RETURNING call').get(callId)
      return row && callOf(row)
    },

    /** Milliseconds that the call has waited. */
    start(callId: string, now: number): number {
      const row = sql(`UPDATE scheduler_call SET state = 'RUNNING' WHERE call_id = ? RETURNING enqueued_at`).get(callId)
      return Math.max(0, now - Number(row?.['enqueued_at'] ?? now))
    },

    /** How often the call had to wait so, this time with it; undefined for a wait that is known already. */
    noteBackoff(callId: string, until: number, now: number): number | undefined {
      const row = sql(
        `UPDATE scheduler_call SET backoff_until = ?, attempts = attempts + 1
         WHERE call_id = ? AND (backoff_until IS NULL OR backoff_until <= ?) RETURNING attempts`,
      ).get(until, callId, now)
      return row && Number(row['attempts'])
    },

    isOf(owner: string, callId: string): boolean {
      return sql('SELECT 1 FROM scheduler_call WHERE call_id = ? AND owner = ?').get(callId, owner) !== undefined
    },

    isEmpty(lane: Lane): boolean {
      return !sql(`SELECT 1 FROM scheduler_call WHERE lane = ? AND state = 'QUEUED' LIMIT 1`).get(lane)
    },

    running(since: number): ScheduledCall[] {
      return sql(RUNNING).all(since).map(callOf)
    },

    runningOf(modelId: string, since: number): number {
      const row = sql(
        `SELECT count(*) AS calls FROM scheduler_call JOIN scheduler_owner USING (owner)
         WHERE state = 'RUNNING' AND model_id = ? AND seen_at > ?`,
      ).get(modelId, since)
      return Number(row?.['calls'])
    },

    /** One call of a session at a time (MT-064); of each lane and model only the most urgent call can be next. */
    heads(since: number): ScheduledCall[] {
      const heads = sql(
        `SELECT call FROM (
           SELECT call, rank, seq, row_number() OVER (PARTITION BY lane, provider_id, model_id ORDER BY rank, seq) AS place
           FROM scheduler_call JOIN scheduler_owner USING (owner)
           WHERE state = 'QUEUED' AND seen_at > ? AND session_id NOT IN (SELECT session_id FROM (${RUNNING}))
             AND model_id NOT IN (SELECT model_id FROM scheduler_hold JOIN scheduler_owner USING (owner) WHERE seen_at > ?)
         ) WHERE place = 1 ORDER BY rank, seq`,
      )
      return heads.all(since, since, since).map(callOf)
    },

    list(since: number): QueuedCall[] {
      const rows = sql('SELECT * FROM scheduler_call JOIN scheduler_owner USING (owner) ORDER BY seq').all()
      return rows.map((row) => ({
        ...callOf(row),
        state: row['state'] === 'RUNNING' ? 'RUNNING' : 'QUEUED',
        enqueuedAt: Number(row['enqueued_at']),
        isAlive: Number(row['seen_at']) > since,
      }))
    },

    /** The clock went back: what is on record of later moments would stand still until it has caught up with them. */
    forgetFuture(now: number): void {
      sql(
        `UPDATE scheduler_call SET rank = rank - enqueued_at + ?, enqueued_at = ?, backoff_until = NULL WHERE enqueued_at > ?`,
      ).run(now, now, now)
    },
  }
}

const RUNNING = `SELECT * FROM scheduler_call JOIN scheduler_owner USING (owner) WHERE state = 'RUNNING' AND seen_at > ?`

/** The state folder can be written by others: what is read back is checked like any input. */
function callOf(row: Record<string, unknown>): ScheduledCall {
  return ScheduledCall.parse(JSON.parse(String(row['call'])))
}
