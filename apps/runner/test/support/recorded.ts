import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'

import type { FlightEvent } from '@ctxlock/contracts/events'
import { queryEvents } from '@ctxlock/flight-recorder'

/** Rows of the database of a workspace's state. */
export function stateRows(
  root: string,
  sql: string,
  ...values: readonly SQLInputValue[]
): Record<string, SQLOutputValue>[] {
  using database = new DatabaseSync(join(root, '.ctxlock', 'state.db'), { readOnly: true })
  return database.prepare(sql).all(...values)
}

/** The first thousand events of a workspace's log, in order. */
export function recordedEvents(root: string): readonly FlightEvent[] {
  using database = new DatabaseSync(join(root, '.ctxlock', 'state.db'))
  return queryEvents(database, {}, { limit: 1000 }).events
}

/** The stored texts of the violations of security. */
export function securityEvents(root: string): string[] {
  const sql = "SELECT event FROM flight_event WHERE event LIKE '%security_violation%'"
  return stateRows(root, sql).map(({ event }) => String(event))
}
