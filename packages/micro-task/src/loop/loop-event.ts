import type { FlightEvent } from '@ctxlock/contracts/events'

type EventOf<Event> = Event extends { fr_event_id: `FR-EVT-MT-${string}`; type: string; payload: object }
  ? {
      readonly fr_event_id: Event['fr_event_id']
      readonly type: Event['type']
      readonly mt_id?: string
      readonly iteration?: number
      readonly payload: Event['payload']
    }
  : never

/** What the loop has to say about itself; the host adds the envelope and records it before the change happens (MT-011). */
export type LoopEvent = EventOf<FlightEvent>
