import { checkUnhashed } from '@ctxlock/contracts/events'
import { eventSamples } from '@ctxlock/contracts/testing'
import { canonicalize } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { eventText } from './event-text.ts'

const samples = eventSamples().map(({ event }) =>
  Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'event_hash')),
)

test('the text of every event of the catalogue is its canonical text', () => {
  for (const event of samples) {
    const check = checkUnhashed(Object.fromEntries(Object.entries(event).toReversed()))
    expect(check.ok && eventText(check.event)).toBe(canonicalize(event))
  }
})

test('it is so for any string, also for one that is not in NFC', () => {
  const [full] = samples.filter((event) => event['type'] === 'call_settled' && event['job_id'] !== undefined)
  const counts = { ascii: 0, other: 0 }
  const words = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom('a\u0308', '\u1100\u1161', '"', '\\', '\\u0041', '\u{1f600}'),
  )
  fc.assert(
    fc.property(words, (word) => {
      const event = { ...full, job_id: word }
      const check = checkUnhashed(event)
      fc.pre(check.ok)
      if (check.ok) expect(eventText(check.event)).toBe(canonicalize(event))
      counts[/^[\x20-\x7e]*$/.test(word) ? 'ascii' : 'other'] += 1
    }),
    { seed: 50, numRuns: 500 },
  )
  expect(Math.min(counts.ascii, counts.other)).toBeGreaterThan(50)
})
