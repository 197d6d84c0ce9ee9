import type { Convention } from '../../../../apps/runner/src/telemetry/convention.ts'
import { encodeSpans } from '../../../../apps/runner/src/telemetry/encode-spans.ts'
import { eventSpan } from '../../../../apps/runner/src/telemetry/event-span.ts'
import {
  EVENT_CATALOGUE,
  FlightEvent,
  eventWithoutNames,
  rewriteOpenStrings,
} from '../../../../packages/contracts/src/events.ts'
import { eventSamples } from '../../../../packages/contracts/src/testing.ts'
import type { Random } from '../generated-files/random.ts'
import { shows } from './shows.ts'

const samples = eventSamples()

/** One event of any type with the marker in strings chosen by chance. A configured name is marked so that it is none any more. */
export function markedEvent(random: Random, marker: string): FlightEvent {
  const event = FlightEvent.parse(samples[Math.floor(random() * samples.length)]?.event)
  rewriteOpenStrings(event, (text, kind) => {
    if (random() < 0.3) return text
    return kind === 'identifier'
      ? `${marker} ${text}`
      : `${marker}${kind === 'text' && random() < 0.5 ? `: ${text}` : ''}`
  })
  return event
}

/** Where the marker of an event shows. */
export function shownBy(event: FlightEvent, marker: string, conventions: readonly Convention[]): string[] {
  const view = Buffer.from(JSON.stringify(eventWithoutNames(event, () => 'hidden')))
  return [
    ...(shows(view, marker) ? [`${event.type} without names`] : []),
    ...conventions.flatMap((convention) => {
      const span = eventSpan(event, convention, () => undefined)
      const isShown = span !== undefined && shows(Buffer.from(encodeSpans([span], undefined)), marker)
      return isShown ? [`${event.type} in ${convention.id}`] : []
    }),
  ]
}

/** A convention that nothing let pass: it sends free text. What it shows is what the gate keeps in. */
export const LEAKING: Convention = {
  id: 'leaking',
  common: {},
  spans: EVENT_CATALOGUE.map(({ type }) => ({
    event: type,
    operation: 'leak',
    kind: 'internal',
    attributes: { reason: { from: 'payload.reason' }, target: { from: 'payload.target' } },
  })),
}
