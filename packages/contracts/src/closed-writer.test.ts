import { canonicalize } from '@ctxlock/core-hash'
import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { FlightEvent } from './events.ts'
import { brokenSamples, eventSamples } from './testing.ts'
import { UNUSUAL_RECORDS } from './__fixtures__/unusual-records.ts'
import { closedWriter } from './closed-writer.ts'
import type { ClosedWriter, IsClean } from './closed-writer.ts'
import { EventIdentifier } from './events/fields.ts'

/** Undefined when the value is left to the schema. */
function written(write: ClosedWriter | undefined, value: unknown, isClean: IsClean = () => true): string | undefined {
  const out = new Utf8Buffer()
  return write?.(out, value, isClean) ? String(out) : undefined
}

const writers = new Map<string, ClosedWriter>(
  FlightEvent.options.map((option) => [option.shape.type.value, closedWriter(option)]),
)

describe.each(eventSamples())('$type, $fullness', ({ type, event }) => {
  test('is written as the canonical text of what its schema makes of it', () => {
    expect(written(writers.get(type), event)).toBe(canonicalize(FlightEvent.parse(event)))
  })

  test('is not written with anything that its schema refuses', () => {
    const taken = brokenSamples(event).filter(({ value }) => written(writers.get(type), value) !== undefined)
    expect(taken.filter(({ value }) => !FlightEvent.safeParse(value).success).map(({ name }) => name)).toEqual([])
  })
})

const closed = closedWriter(z.strictObject({ name: z.string(), size: z.int().min(1).exactOptional() }))

test.each(UNUSUAL_RECORDS)(
  'of %s it writes what the schema would take, or leaves it to the schema',
  (_, value, expected) => {
    expect(written(closed, value)).toBe(expected && JSON.stringify(expected))
  },
)

test('keys are in canonical order at every depth, whatever order they came in', () => {
  const inner = z.strictObject({ b: z.int(), B: z.int(), a: z.int().exactOptional() })
  const write = closedWriter(z.strictObject({ z: inner, list: z.array(inner), own: z.string() }), { without: 'own' })
  const value = {
    list: [
      { B: 2, b: 1 },
      { b: 3, a: 5, B: 4 },
    ],
    z: { a: 1, b: 2, B: 3 },
  }
  for (let round = 0; round < 2; round++) {
    expect(written(write, value)).toBe('{"list":[{"B":2,"b":1},{"B":4,"a":5,"b":3}],"z":{"B":3,"a":1,"b":2}}')
  }
  expect(written(write, { ...value, own: 'a' })).toBeUndefined()
})

test('what is added stands in its place, and nowhere else', () => {
  const schema = z.strictObject({ b: z.string(), c: z.int(), a: z.string(), d: z.string().exactOptional() })
  const write = closedWriter(schema, { added: new Set(['a', 'c']), marked: 'c' })
  const out = new Utf8Buffer()
  expect(
    write(
      out,
      { d: 'three', b: 'one' },
      () => true,
      (to, name) => to.ascii(`<${name}>`),
    ),
  ).toBe(true)
  expect(String(out)).toBe('{"a":<a>,"b":"one","c":<c>,"d":"three"}')
  for (const value of [{ b: 'one', a: 'two' }, { b: 'one', c: 1 }, { b: 'one', e: 1 }, { d: 'one' }, {}])
    expect(written(write, value)).toBeUndefined()
})

test('a member is read once: what was checked is what is written', () => {
  let reads = 0
  const value = {
    get name() {
      reads += 1
      return reads === 1 ? 'first' : '\u0000'
    },
  }
  expect(written(closed, value)).toBe('{"name":"first"}')
  expect(reads).toBe(1)
})

test.each([
  [0.1 + 0.2, '0.3'],
  [12.345_678_9, '12.345679'],
  [1e-9, '0'],
  [-0, '0'],
  [2 ** 53, undefined],
  [1e300, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('of the fraction %d it makes %s, which its bounds take', (value, expected) => {
  const size = expected && `{"size":${expected}}`
  expect(written(closedWriter(z.strictObject({ size: z.number() })), { size: value })).toBe(size)
  expect(written(closedWriter(z.strictObject({ size: z.number().gt(0) })), { size: 1e-9 })).toBeUndefined()
})

describe('a string', () => {
  const named = closedWriter(z.strictObject({ name: EventIdentifier }))

  test('is written as canonical text has it, each time, or left to the schema when it is not in NFC', () => {
    const words = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('a\u0308', '\u1100\u1161', '"', '\\', '\\u0041', '\u{1f600}', '\ud800', '\u2028', '\u007f'),
    )
    const counts = { written: 0, left: 0 }
    fc.assert(
      fc.property(words, (name) => {
        const isRight = EventIdentifier.safeParse(name).success && name.normalize('NFC') === name
        const expected = isRight ? canonicalize({ name }) : undefined
        expect([written(named, { name }), written(named, { name })]).toEqual([expected, expected])
        counts[isRight ? 'written' : 'left'] += 1
      }),
      { seed: 50, numRuns: 2000 },
    )
    expect(Math.min(counts.written, counts.left)).toBeGreaterThan(50)
  })

  test('that is open is looked at by whoever judges, also when another let it pass before', () => {
    const asked: string[] = []
    const judge = (isClean: boolean): IsClean => {
      return (text, kind) => asked.push(`${kind} ${text}`) > 0 && isClean
    }
    const [mild, strict] = [judge(true), judge(false)]
    expect(written(named, { name: 'job-1' }, mild)).toBe('{"name":"job-1"}')
    expect(written(named, { name: 'job-1' }, strict)).toBeUndefined()
    expect(asked).toEqual(['identifier job-1', 'identifier job-1'])
    // What was refused is not remembered, and one judge is asked once of what it let pass.
    expect(written(named, { name: 'job-1' }, strict)).toBeUndefined()
    expect(written(named, { name: 'job-1' }, mild)).toBe('{"name":"job-1"}')
    expect(written(named, { name: 'job-1' }, mild)).toBe('{"name":"job-1"}')
    expect(asked).toHaveLength(4)
  })

  test('is not remembered for a judge who was asked of others while it was looked at', () => {
    const asked: string[] = []
    const strict: IsClean = (text) => asked.push(text) > 0 && text !== 'job-1'
    const mild: IsClean = (text) => {
      if (text === 'job-1') expect(written(named, { name: 'job-2' }, strict)).toBe('{"name":"job-2"}')
      return true
    }
    expect(written(named, { name: 'job-1' }, mild)).toBe('{"name":"job-1"}')
    expect(written(named, { name: 'job-1' }, strict)).toBeUndefined()
    expect(asked).toEqual(['job-2', 'job-1'])
  })

  test('is not shown to anybody before it was found to fit', () => {
    const isClean: IsClean = () => expect.fail('a text that does not fit was handed on')
    expect(written(named, { name: 'two\nlines' }, isClean)).toBeUndefined()
  })

  test('is remembered by the thousand, and no more', () => {
    for (let job = 0; job < 3000; job++) expect(written(named, { name: `job-${job}` })).toBe(`{"name":"job-${job}"}`)
  })
})

test.each([
  ['a schema that lets unknown keys through', z.looseObject({ name: z.string() }), { name: 'a' }],
  ['a check it does not know', z.strictObject({ name: z.string().trim() }), { name: ' a ' }],
  ['a format that is its own check', z.strictObject({ name: z.email() }), { name: 'none' }],
  ['a refinement', z.strictObject({ size: z.number().refine((size) => size > 1) }), { size: 0 }],
  ['a value of another kind', z.strictObject({ at: z.date() }), { at: new Date(0) }],
  ['a number of 32 bits', z.strictObject({ size: z.int32() }), { size: 2 ** 40 }],
])('leaves %s to the schema', (_, schema, value) => {
  expect(written(closedWriter(schema), value)).toBeUndefined()
})

test('the mark tells where a value stands that is to be written over', () => {
  const out = new Utf8Buffer()
  const write = closedWriter(z.strictObject({ a: z.string(), place: z.string() }), { marked: 'place' })
  expect(write(out, { place: 'here', a: 'ü' }, () => true)).toBe(true)
  out.overwrite(out.mark, 'away')
  expect(String(out)).toBe('{"a":"ü","place":"away"}')
})
