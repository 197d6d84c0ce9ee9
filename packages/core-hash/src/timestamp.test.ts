import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { isTimestamp, toTimestamp } from './timestamp.ts'

fc.configureGlobal({ seed: 20_260_212 })

const all = vectors<{ input: string; canonical: string | null }>('timestamps.json')
const refused = expect.objectContaining({ code: 'CANON_INVALID_DATE' })

test.each(all.filter(({ canonical }) => canonical !== null))('$input is $canonical', ({ input, canonical }) => {
  expect(toTimestamp(input)).toBe(canonical)
  expect(isTimestamp(canonical)).toBe(true)
  expect(isTimestamp(input)).toBe(input === canonical)
})

test.each(all.filter(({ canonical }) => canonical === null))('$input is refused', ({ input }) => {
  expect(() => toTimestamp(input)).toThrow(refused)
  expect(isTimestamp(input)).toBe(false)
})

test('one instant has one spelling, whatever its offset', () => {
  const instant = fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9998-12-31T23:59:59Z') })
  const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
  fc.assert(
    fc.property(instant, offset, (milliseconds, minutes) => {
      const size = Math.abs(minutes)
      const zone = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
      const local = new Date(milliseconds + minutes * 60_000).toISOString().replace('Z', zone)
      expect(toTimestamp(local)).toBe(new Date(milliseconds).toISOString())
      expect(toTimestamp(toTimestamp(local))).toBe(toTimestamp(local))
    }),
    { numRuns: 2000 },
  )
})

describe('dates', () => {
  test('become their timestamp, without asking an override', () => {
    expect(toTimestamp(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
    expect(toTimestamp(Object.defineProperty(new Date(0), 'toISOString', { value: () => 'forged' }))).toBe(
      '1970-01-01T00:00:00.000Z',
    )
  })

  test('that are invalid or outside the years 0000 to 9999 are refused', () => {
    for (const time of [NaN, Date.parse('+010000-01-01T00:00:00Z'), Date.parse('-000001-12-31T23:59:59Z'), 8.64e15])
      expect(() => toTimestamp(new Date(time))).toThrow(refused)
  })

  test('are told from what only has their prototype', () => {
    expect(() => toTimestamp(Object.create(Date.prototype))).toThrow(refused)
  })
})

test('only text can be a timestamp', () => {
  for (const value of [
    null,
    undefined,
    0,
    new Date(0),
    ['2026-02-12T02:22:31.408Z'],
    Object('2026-02-12T02:22:31.408Z'),
    {
      toString() {
        throw new Error('user code ran')
      },
    },
  ])
    expect(isTimestamp(value)).toBe(false)
})

test('a long run of digits is cut off, not counted', () => {
  expect(toTimestamp(`2026-02-12T02:22:31.${'9'.repeat(1_000_000)}Z`)).toBe('2026-02-12T02:22:31.999Z')
  expect(() => toTimestamp(`2026-02-12T02:22:31.${'9'.repeat(1_000_000)}`)).toThrow(refused)
})
