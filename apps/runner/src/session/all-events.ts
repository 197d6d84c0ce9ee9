import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import { queryEvents, type EventCursor, type EventFilter } from '@ctxlock/flight-recorder'

import type { StoredSession } from './stored-session.ts'

type Log = { readonly state: Pick<StoredSession['state'], 'database'> }

/** Every event that fits, in order, read page by page. */
export function* allEvents({ state }: Log, filter: EventFilter): Generator<FlightEvent> {
  let after: EventCursor | undefined
  do {
    const page = queryEvents(state.database, filter, { limit: 500, ...(after && { after }) })
    yield* page.events
    after = page.next ?? undefined
  } while (after)
}

/** The intents of calls among them, in order. */
export function* callIntents(log: Log, filter: EventFilter = {}): Generator<EventOf<'call_intent'>> {
  for (const event of allEvents(log, { ...filter, type: 'call_intent' })) if (event.type === 'call_intent') yield event
}
