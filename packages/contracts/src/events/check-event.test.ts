import { CanonError, canonicalize } from '@ctxlock/core-hash'
import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { brokenSamples, eventSamples } from '../testing.ts'
import type { FlightEvent } from './catalogue.ts'
import { checkEvent, checkUnhashed, writeDraft, writeUnhashed } from './check-event.ts'
import { RECORDER_FIELDS } from './envelope.ts'

const HASH = 'a'.repeat(64)
const samples = eventSamples().map(({ type, fullness, event }) => ({ type, fullness, event: withoutHash(event) }))

function withoutHash<Member>(event: Readonly<Record<string, Member>>): Record<string, Member> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'event_hash'))
}

/** What canonical text makes of a right event, or undefined where it has none. */
function canonicalOf(event: FlightEvent): string | undefined {
  try {
    return canonicalize(withoutHash<unknown>(event))
  } catch (error) {
    if (error instanceof CanonError) return undefined
    throw error
  }
}

/** What is written behind other text; undefined when nothing is. */
function written(value: object): string | undefined {
  const out = new Utf8Buffer()
  out.ascii('before')
  const isWritten = writeUnhashed(out, value, () => true)
  expect(isWritten || String(out) === 'before').toBe(true)
  return isWritten ? String(out).slice('before'.length) : undefined
}

/** The schema alone judges `checkEvent`; an event without its hash has to be judged in the same way, word for word. */
function expectSame(value: object): 'taken' | 'refused' | 'unwritable' {
  const expected = checkEvent({ ...value, event_hash: HASH })
  const actual = checkUnhashed(value)
  if (!expected.ok) {
    expect(actual).toEqual(expected)
    expect(written(value)).toBeUndefined()
    return 'refused'
  }
  const text = canonicalOf(expected.event)
  if (text === undefined) {
    expect(actual).toMatchObject({ ok: false, problem: { reason: 'schema' } })
    expect(written(value)).toBeUndefined()
    return 'unwritable'
  }
  expect(actual.ok && written(actual.event)).toBe(text)
  expect([text, undefined]).toContain(written(value))
  return 'taken'
}

describe.each(samples)('$type, $fullness, before it has a hash', ({ event }) => {
  test('is taken, and written at first sight whatever the order of its keys', () => {
    expect(expectSame(event)).toBe('taken')
    expect(written(event)).toBe(canonicalize(event))
    expect(written(Object.fromEntries(Object.entries(event).toReversed()))).toBe(canonicalize(event))
  })

  test('is the same text when it comes without the fields of the recorder, which are written between', () => {
    const isOwn = (name: string) => RECORDER_FIELDS.some((field) => field === name)
    const draft = Object.fromEntries(Object.entries(event).filter(([name]) => !isOwn(name)))
    const asDraft = (value: object) => {
      const out = new Utf8Buffer()
      const writeOwn = (to: Utf8Buffer, name: string) => to.text(JSON.stringify(Reflect.get(event, name)))
      return writeDraft(out, value, () => true, writeOwn) ? String(out) : undefined
    }
    expect(asDraft(draft)).toBe(canonicalize(event))
    for (const field of RECORDER_FIELDS)
      expect(asDraft({ ...draft, [field]: Reflect.get(event, field) })).toBeUndefined()
  })

  test('is refused with anything changed that its schema refuses, for the same reason', () => {
    for (const { value } of brokenSamples(event)) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) expectSame(value)
    }
  })
})

const oddValues = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom<unknown>(
    undefined,
    Number.NaN,
    -0,
    0.1 + 0.2,
    12.345_678_901,
    1e21,
    2 ** 60,
    '\ud800',
    'a\u0308',
    'ü',
    '\u2028',
    new Date(0),
    Object.create({ inherited: 1 }),
    Array.from({ length: 2 }),
    Object.assign([], { 1: 'a' }),
    { toJSON: () => 'a' },
    Object.defineProperty({}, 'hidden', { value: 1 }),
  ),
)

interface Change {
  readonly place: number
  readonly how: 'set' | 'remove' | 'add' | 'move'
  readonly key: string
  readonly value: unknown
}
const changes: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom('set', 'set', 'remove', 'add', 'move'),
  key: fc.constantFrom('extra', '__proto__', 'prompt', 'toString', '1', 'event_id'),
  value: oddValues,
})

/** The event with one member, at any depth, changed in one way. */
function changed(event: object, { place, how, key, value }: Change): object {
  const copy: object = structuredClone(event)
  const places = membersOf(copy)
  const [container, name] = places[place % places.length] ?? [copy, 'actor']
  const old: unknown = Reflect.get(container, name)
  if (how === 'set') Reflect.set(container, name, value)
  else if (how === 'add') Object.defineProperty(container, key, { value, enumerable: true, configurable: true })
  else Reflect.deleteProperty(container, name)
  if (how === 'move') Reflect.set(container, name, old)
  return copy
}

function membersOf(value: unknown): (readonly [object, string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => [[value, key] as const, ...membersOf(Reflect.get(value, key))])
}

test('whatever is changed in an event, it is judged as its schema judges it', () => {
  const counts = { taken: 0, refused: 0, unwritable: 0 }
  fc.assert(
    fc.property(fc.constantFrom(...samples), changes, ({ event }, change) => {
      counts[expectSame(changed(event, change))] += 1
    }),
    { seed: 50, numRuns: 3000 },
  )
  expect(counts.taken).toBeGreaterThan(200)
  expect(counts.refused).toBeGreaterThan(1000)
})

test('an event that says its own hash is refused', () => {
  const [sample] = samples
  expect(written({ ...sample?.event, event_hash: HASH })).toBeUndefined()
  expect(checkUnhashed({ ...sample?.event, event_hash: HASH })).toMatchObject({
    problem: { pointer: '/event_hash', expected: 'absent' },
  })
})

test('an instance of a class is taken as what it holds', () => {
  const event = samples.find(({ type }) => type === 'call_settled')?.event
  class Payload {}
  expect(expectSame({ ...event, payload: Object.assign(new Payload(), event?.['payload']) })).toBe('taken')
})
