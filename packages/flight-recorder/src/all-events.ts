import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { queryEvents } from './query.ts'
import type { EventCursor, EventFilter } from './query.ts'

/** Every event that fits, in the order of a query, read page by page. Code: HSK-500-DB. */
export function* allEvents(database: SqlDatabase, filter: EventFilter): Generator<FlightEvent> {
  let after: EventCursor | undefined
  do {
    const page = queryEvents(database, filter, { limit: 1000, ...(after && { after }) })
    yield* page.events
    after = page.next ?? undefined
  } while (after)
}
