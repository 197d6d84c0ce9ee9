import type { SqlDatabase, SqlStatement } from '@ctxlock/contracts/ports'
import { LANES, type Lane, type SchedulerLimits } from '@ctxlock/contracts/scheduler'

import type { ProviderBuckets } from './admission.ts'
import { afterGrant, onWaking, type LanePasses } from './lane-shares.ts'
import { fullBucket, refilled, type Bucket } from './token-bucket.ts'

export type Statements = (text: string) => SqlStatement

/** Statements are prepared once for each text. */
export function statementsOf(database: SqlDatabase): Statements {
  const prepared = new Map<string, SqlStatement>()
  return (text) => {
    const known = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, known)
    return known
  }
}

/** How far the lanes have come, in the state database. To be used inside a transaction. */
export function lanePasses(sql: Statements) {
  const read = (): LanePasses & { readonly served: number } => {
    const stored = new Map(
      sql('SELECT lane, pass FROM scheduler_lane')
        .all()
        .map(({ lane, pass }) => [lane, Number(pass)]),
    )
    const [PRIMARY = 0, VALIDATION = 0, SUBAGENT = 0, BACKGROUND = 0] = LANES.map((lane) => stored.get(lane))
    return { PRIMARY, VALIDATION, SUBAGENT, BACKGROUND, served: stored.get('SERVED') ?? 0 }
  }
  const write = (lane: Lane | 'SERVED', pass: number) =>
    sql('INSERT OR REPLACE INTO scheduler_lane VALUES (?, ?)').run(lane, pass)
  return {
    read,
    grant(lane: Lane) {
      const before = read()
      write(lane, afterGrant(before, lane)[lane])
      write('SERVED', before[lane])
    },
    wake(lane: Lane) {
      const before = read()
      write(lane, onWaking(before, lane, before.served)[lane])
    },
  }
}

/** What each provider may still be sent, in the state database. To be used inside a transaction. */
export function providerBuckets(sql: Statements, limits: SchedulerLimits) {
  const { rate_limit_requests_per_minute: requests, rate_limit_tokens_per_minute: tokens } = limits
  const read = (): ReadonlyMap<string, ProviderBuckets> =>
    new Map(
      sql('SELECT * FROM scheduler_bucket')
        .all()
        .map((row) => {
          const at = Number(row['at'])
          const named = (kind: string): Bucket => ({ level: Number(row[kind]), at })
          return [String(row['provider_id']), { requests: named('requests'), tokens: named('tokens') }]
        }),
    )
  return {
    read,
    charge(providerId: string, cost: { readonly requests: number; readonly tokens: number }, now: number) {
      if (requests === null && tokens === null) return
      const known = read().get(providerId)
      const level = (bucket: Bucket | undefined, perMinute: number | null, amount: number) =>
        perMinute === null ? 0 : refilled(bucket ?? fullBucket(perMinute, now), perMinute, now).level - amount
      const levels = [level(known?.requests, requests, cost.requests), level(known?.tokens, tokens, cost.tokens)]
      sql('INSERT OR REPLACE INTO scheduler_bucket VALUES (?, ?, ?, ?)').run(providerId, ...levels, now)
    },
    /** The clock went back: a bucket would not fill until it has caught up. */
    forgetFuture(now: number) {
      sql('UPDATE scheduler_bucket SET at = ? WHERE at > ?').run(now, now)
    },
  }
}

/** No server can stop the runs of a workspace for longer by one answer. */
const LONGEST_CLOSED_MS = 300_000

/** Which providers said that they take no calls, and until when. To be used inside a transaction. */
export function closedProviders(sql: Statements) {
  return {
    close(providerId: string, milliseconds: number, now: number) {
      const until = now + Math.min(Math.ceil(milliseconds), LONGEST_CLOSED_MS)
      sql(
        `INSERT INTO scheduler_closed (provider_id, until) VALUES (?, ?)
         ON CONFLICT (provider_id) DO UPDATE SET until = max(until, excluded.until)`,
      ).run(providerId, until)
    },
    read(now: number): ReadonlyMap<string, number> {
      // Further away than anybody can close it: the clock went back.
      const rows = sql('SELECT provider_id, until FROM scheduler_closed WHERE until > ? AND until <= ?').all(
        now,
        now + LONGEST_CLOSED_MS,
      )
      return new Map(rows.map(({ provider_id, until }) => [String(provider_id), Number(until)]))
    },
  }
}
