import { useMemo, useState } from 'preact/hooks'

import type { TimelineEvent } from '../api.ts'
import type { Live } from '../live.ts'
import { Time } from './marks.tsx'
import { Text } from './text.tsx'

const SHOWN = 300

const CONNECTION = {
  opening: 'reading …',
  live: 'followed live',
  lost: 'connection lost; trying again …',
  ended: 'no longer connected',
} as const

/** The events of a run, the newest last, as they are recorded. */
export function Timeline({ events, connection }: Pick<Live, 'events' | 'connection'>) {
  const [isNotableOnly, setNotableOnly] = useState(false)
  const [isWhole, setWhole] = useState(false)
  const fitting = isNotableOnly ? events.filter(({ tone, call_id }) => tone !== 'plain' || call_id !== null) : events
  const shown = isWhole ? fitting : fitting.slice(-SHOWN)
  // Thousands may stand here while the page asks again how the run stands.
  const entries = useMemo(
    () => shown.map((event) => <Entry key={event.seq} event={event} />),
    [events, isNotableOnly, isWhole],
  )
  const newest = events.at(-1)
  return (
    <section aria-labelledby="timeline">
      <div class="section-head">
        <h2 id="timeline">Timeline</h2>
        <span class={`connection ${connection}`} role="status">
          {CONNECTION[connection]}
          <span class="visually-hidden">{newest ? `, ${events.length} events, the newest: ${newest.title}` : ''}</span>
        </span>
        <label class="check">
          <input
            type="checkbox"
            checked={isNotableOnly}
            onChange={({ currentTarget }) => setNotableOnly(currentTarget.checked)}
          />
          Only calls and what stands out
        </label>
      </div>
      {shown.length < fitting.length && (
        <p>
          <button type="button" onClick={() => setWhole(true)}>
            Show the {fitting.length - shown.length} events before
          </button>
        </p>
      )}
      <ol class="timeline">{entries}</ol>
    </section>
  )
}

function Entry({ event }: { readonly event: TimelineEvent }) {
  const { seq, at, title, detail, tone, by, mt_id, iteration, call_id } = event
  const place = [mt_id, iteration === null ? null : `iteration ${iteration}`].filter((part) => part !== null).join(', ')
  return (
    <li class={`entry ${tone}`}>
      <span class="entry-time">
        <Time at={at} clockOnly />
      </span>
      <p>
        <strong>
          <Text of={title} />
        </strong>{' '}
        {detail !== '' && <Text of={detail} />}
        {call_id !== null && (
          <>
            {' '}
            <a href={`#/calls/${call_id}`}>call {call_id.slice(0, 8)}</a>
          </>
        )}
      </p>
      <details>
        <summary>
          <span class="quiet">
            event {seq}
            {place !== '' && `, ${place}`}
          </span>
        </summary>
        <p class="quiet">
          {event.id}, by {by}, <Time at={at} />
        </p>
        <pre>
          <Text of={JSON.stringify(event.payload, null, 2)} />
        </pre>
      </details>
    </li>
  )
}
