import type { Clock } from '@ctxlock/contracts/ports'

import { LEASE_MS } from './limit-store.ts'
import type { Statements } from './shared-state.ts'

/** Which processes live, by when each was seen last, in the state database. To be used inside a transaction. */
export function ownerLeases(sql: Statements, clock: Pick<Clock, 'now'>, isGone: (owner: string) => boolean) {
  /** Whoever was seen after this lives. */
  const aliveSince = () => clock.now() - LEASE_MS
  return {
    aliveSince,

    /** Written no more often than it has to be: looking for a turn is no reason to wait for the disk. */
    renew(owner: string): void {
      const now = clock.now()
      const seen = sql('SELECT seen_at FROM scheduler_owner WHERE owner = ?').get(owner)?.['seen_at']
      if (seen !== undefined && Number(seen) > now - LEASE_MS / 3) return
      sql('INSERT OR REPLACE INTO scheduler_owner VALUES (?, ?)').run(owner, now)
    },

    /** What a process that has gone was doing frees its slot at once, and what it held back goes on. `asking` is alive. */
    endOthers(asking: string): void {
      const others = sql(
        `SELECT owner FROM scheduler_owner JOIN (SELECT owner FROM scheduler_call UNION SELECT owner FROM scheduler_hold)
         USING (owner) WHERE owner <> ? AND seen_at > ?`,
      ).all(asking, aliveSince())
      const end = sql('UPDATE scheduler_owner SET seen_at = 0 WHERE owner = ?')
      for (const other of others) if (isGone(String(other['owner']))) end.run(String(other['owner']))
    },

    /** The clock went back: who was seen later would live until it has caught up. */
    forgetFuture(now: number): void {
      sql('UPDATE scheduler_owner SET seen_at = ? WHERE seen_at > ?').run(now, now)
    },
  }
}
