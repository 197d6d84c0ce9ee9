import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { FlightEvent } from './events.ts'
import { brokenSamples, eventSamples } from './testing.ts'
import { UNUSUAL_RECORDS } from './__fixtures__/unusual-records.ts'
import { closedCopy } from './closed-copy.ts'

const copiers = new Map<string, (value: unknown) => unknown>(
  FlightEvent.options.map((option) => [option.shape.type.value, closedCopy(option)]),
)

describe.each(eventSamples())('$type, $fullness', ({ type, event }) => {
  const copy = (value: unknown) => copiers.get(type)?.(value)

  test('is copied to what its schema makes of it, sharing nothing', () => {
    const copied = copy(event)
    expect(copied).toStrictEqual(FlightEvent.parse(event))
    expect(copied).not.toBe(event)
    expect(Reflect.get(Object(copied), 'payload')).not.toBe(event['payload'])
  })

  test('is not copied with anything that its schema refuses', () => {
    const taken = brokenSamples(event).filter(({ value }) => copy(value) !== undefined)
    expect(taken.filter(({ value }) => !FlightEvent.safeParse(value).success).map(({ name }) => name)).toEqual([])
  })
})

const closed = closedCopy(z.strictObject({ name: z.string(), size: z.int().min(1).exactOptional() }))

test.each(UNUSUAL_RECORDS)('of %s it makes what the schema would, or leaves it to the schema', (_, value, expected) => {
  expect(closed(value)).toEqual(expected)
})

test('a copy has its keys in canonical order at every depth, whatever order they came in', () => {
  const inner = z.strictObject({ b: z.int(), B: z.int(), a: z.int().exactOptional() })
  const copy = closedCopy(z.strictObject({ z: inner, list: z.array(inner) }))
  const value = {
    list: [
      { B: 2, b: 1 },
      { b: 3, a: 5, B: 4 },
    ],
    z: { a: 1, b: 2, B: 3 },
  }
  for (let round = 0; round < 2; round++) {
    expect(JSON.stringify(copy(value))).toBe('{"list":[{"B":2,"b":1},{"B":4,"a":5,"b":3}],"z":{"B":3,"a":1,"b":2}}')
  }
})

test.each([
  [0.1 + 0.2, 0.3],
  [12.345_678_9, 12.345_679],
  [1e-9, 0],
  [-0, -0],
  [2 ** 53, undefined],
  [1e300, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('of the fraction %d it makes %d, which its bounds take', (value, expected) => {
  expect(closedCopy(z.strictObject({ size: z.number() }))({ size: value })?.size).toBe(expected)
  expect(closedCopy(z.strictObject({ size: z.number().gt(0) }))({ size: 1e-9 })).toBeUndefined()
})

test('a string without a UTF-8 form is left to the schema', () => {
  expect(closedCopy(z.strictObject({ name: z.string() }))({ name: '\ud800' })).toBeUndefined()
})

test.each([
  ['a schema that lets unknown keys through', z.looseObject({ name: z.string() }), { name: 'a' }],
  ['a check it does not know', z.strictObject({ name: z.string().trim() }), { name: ' a ' }],
  ['a format that is its own check', z.strictObject({ name: z.email() }), { name: 'none' }],
  ['a refinement', z.strictObject({ size: z.number().refine((size) => size > 1) }), { size: 0 }],
  ['a value of another kind', z.strictObject({ at: z.date() }), { at: new Date(0) }],
  ['a number of 32 bits', z.strictObject({ size: z.int32() }), { size: 2 ** 40 }],
])('leaves %s to the schema', (_, schema, value) => {
  expect(closedCopy(schema)(value)).toBeUndefined()
})
