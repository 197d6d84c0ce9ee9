import type { TimelineEvent } from '@ctxlock/console'
import type { FlightEvent } from '@ctxlock/contracts/events'

import { eventWords } from './event-words.ts'

/** An event for a person: a title, a line of detail, how it bears on the run. Events hold no content, so the whole of it goes along. */
export function timelineEvent(event: FlightEvent): TimelineEvent {
  const [title, detail = '', tone = 'plain'] = eventWords(event)
  return {
    seq: event.seq,
    at: event.timestamp,
    id: event.fr_event_id,
    title,
    detail,
    tone,
    by: event.actor,
    mt_id: event.mt_id ?? null,
    iteration: event.iteration ?? null,
    call_id: callIdOf(event),
    payload: event.payload,
  }
}

function callIdOf({ payload }: FlightEvent): string | null {
  return 'call_id' in payload && payload.call_id !== undefined ? payload.call_id : null
}
