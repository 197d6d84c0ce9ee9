import type { Hash } from '@ctxlock/contracts/primitives'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { textHash } from '@ctxlock/core-hash'

import { GENESIS_HASH } from '../log-tables.ts'
import type { DatabaseHead } from '../log-tables.ts'
import { diverged } from './diverged.ts'

/**
 * `event_hash` of every event after the first `from`, in order, as the recorder appended them: each text has its hash and names the
 * one before it, and the head names the last. The head alone says so, which is why nothing but it and a signature is believed.
 * Code: HSK-409-LOG-DIVERGED, as soon as that does not hold.
 */
export function* appendedHashes(database: SqlDatabase, from: number, head: DatabaseHead): Generator<Hash> {
  const rows = database.prepare('SELECT seq, event_hash, event FROM flight_event WHERE seq > ? ORDER BY seq')
  let [last, lastHash] = [from, hashAt(database, from)]
  for (const { seq, event_hash, event } of rows.iterate(from)) {
    if (seq !== last + 1 || typeof event !== 'string') throw diverged()
    const hash = textHash(event)
    // Within a string of a text its quotes would be escaped.
    if (hash !== event_hash || !event.includes(`"prev_hash":"${lastHash}"`)) throw diverged()
    last = seq
    lastHash = hash
    yield hash
  }
  if (last !== head.count || lastHash !== head.lastHash) throw diverged()
}

function hashAt(database: SqlDatabase, seq: number): Hash {
  if (seq === 0) return GENESIS_HASH
  return String(database.prepare('SELECT event_hash FROM flight_event WHERE seq = ?').get(seq)?.['event_hash'])
}
