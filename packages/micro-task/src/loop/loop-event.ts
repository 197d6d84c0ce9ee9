import type { FlightEvent } from '@ctxlock/contracts/events'

type OwnPart<Event> = Event extends { fr_event_id: `FR-EVT-MT-${string}`; mt_id?: unknown; iteration?: unknown }
  ? Pick<Event, Extract<keyof Event, 'fr_event_id' | 'type' | 'mt_id' | 'iteration' | 'payload'>>
  : never

/** What the loop has to say about itself; the host adds the envelope and records it before the change happens (MT-011). */
export type LoopEvent = OwnPart<FlightEvent>
