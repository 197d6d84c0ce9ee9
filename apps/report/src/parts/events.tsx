import type { EventJudgement } from '@ctxlock/log-verifier/browser'

import { Fields } from '../facts/fields.ts'
import { many } from './amounts.ts'
import { Badge, type Tone } from './badge.tsx'
import { Hash } from './hash.tsx'
import { Text } from './visible-text.tsx'

const STATES: Readonly<Record<EventJudgement['state'], { readonly tone: Tone; readonly word: string }>> = {
  in_tree: { tone: 'good', word: 'in the tree' },
  erased: { tone: 'plain', word: 'text erased, place holds' },
  uncovered: { tone: 'warn', word: 'not covered by the checkpoint' },
  broken: { tone: 'bad', word: 'broken' },
}

/** Every event with what was found about it, and its text word for word. */
export function Events({ events }: { readonly events: readonly EventJudgement[] }) {
  return (
    <section aria-labelledby="events">
      <h2 id="events">Events</h2>
      <details class="all-events" open={events.some(({ state }) => state === 'broken')}>
        <summary>
          {many(events.length, 'event')} as recorded, with their salts; each opens to the text whose hash stands in the
          tree
        </summary>
        <ol class="events">
          {events.map((event) => (
            <Event key={event.seq} event={event} />
          ))}
        </ol>
      </details>
    </section>
  )
}

function Event({ event: { seq, hash, state, text } }: { readonly event: EventJudgement }) {
  const { tone, word } = STATES[state]
  return (
    <li id={`event-${seq}`}>
      <details>
        <summary>
          <span class="place">{seq}</span>
          <span class="model">
            <Text>{text === null ? 'erased' : Fields.of(text).text('type')}</Text>
          </span>
          <Badge tone={tone}>{word}</Badge>
        </summary>
        <p>
          hash <Hash>{hash}</Hash>
        </p>
        {text !== null && (
          <pre tabIndex={0}>
            <Text>{text}</Text>
          </pre>
        )}
      </details>
    </li>
  )
}
