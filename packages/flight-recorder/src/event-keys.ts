import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { textOf } from './segment/segment-files.ts'

/** By what events are found; each is read from the event itself. */
export const KEYS = {
  event_id: '$.event_id',
  type: '$.type',
  workflow_run_id: '$.workflow_run_id',
  job_id: '$.job_id',
  trace_id: '$.trace_id',
  call_id: '$.payload.call_id',
  model_session_id: '$.model_session_id',
  wp_id: '$.wp_id',
  mt_id: '$.mt_id',
} as const
export type Key = keyof typeof KEYS

const names = Object.keys(KEYS)

// A cache of what the events say. It is filled when somebody asks, because nine indexes cost an append more than everything
// else together; a query adds what is missing, and verify compares every row.
export const KEY_TABLE = `
  CREATE TABLE IF NOT EXISTS flight_key (
    seq INTEGER PRIMARY KEY,
    at TEXT,
    ${names.map((name) => `${name} TEXT`).join(',\n    ')}
  ) STRICT;
`

/** All keys of a row `k` as one text: reading ten columns takes longer than making it. */
export const KEYS_TEXT = `json_array(k.at, ${names.map((name) => `k.${name}`).join(', ')})`

export const KEY_INDEXES = [
  'CREATE INDEX IF NOT EXISTS flight_key_at ON flight_key (at);',
  ...names.map(
    (name) => `CREATE INDEX IF NOT EXISTS flight_key_${name} ON flight_key (${name}, at) WHERE ${name} IS NOT NULL;`,
  ),
].join('\n')

/** Also of sealed events: the cache may have been emptied. */
const catchUp = (text: string) => `
  INSERT INTO flight_key (seq, at, ${names.join(', ')})
  SELECT seq, event ->> '$.timestamp', ${Object.values(KEYS)
    .map((path) => `event ->> '${path}'`)
    .join(', ')}
  FROM (SELECT e.seq, ${text} AS event FROM flight_event e WHERE e.seq > (SELECT coalesce(max(seq), 0) FROM flight_key))
  WHERE json_valid(event)
`

/** Adds the keys of the events since the last time; inside an open transaction as part of it. */
export function catchUpKeys(database: SqlDatabase): void {
  const behind = database
    .prepare('SELECT (SELECT max(seq) FROM flight_event) > coalesce((SELECT max(seq) FROM flight_key), 0) AS behind')
    .get()
  if (behind?.['behind'] === 1) inTransaction(database, () => database.exec(catchUp(textOf(database))))
}
