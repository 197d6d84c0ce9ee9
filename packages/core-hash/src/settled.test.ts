import fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import { canonicalHash, canonicalize, isSettled, oncePerSettled, settle } from './index.ts'

const SEED = 20_261_122
/** Data that has a canonical text. */
const canonical = fc.jsonValue().filter((value) => !/\d{16}|e[+]/.test(JSON.stringify(value)))

test('what is settled can never change, and has the text and hash it had', () => {
  fc.assert(
    fc.property(canonical, (value) => {
      const [text, hash] = [canonicalize(value), canonicalHash(value)]
      const kept = settle(value)
      expect(kept).toBe(value)
      expect(isSettled(kept)).toBe(true)
      for (const _ of [1, 2]) expect([canonicalize(kept), canonicalHash(kept)]).toEqual([text, hash])
    }),
    { seed: SEED, numRuns: 200 },
  )
  expect(isSettled(settle(Object.create(null, { text: { value: 'no prototype', enumerable: true } })))).toBe(true)
  const record = settle({ list: [{ text: 'clean' }] })
  expect(() => Object.assign(record.list[0] ?? {}, { text: 'poisoned' })).toThrow(TypeError)
  expect(() => record.list.push({ text: 'more' })).toThrow(TypeError)
})

test.each<[string, () => object]>([
  ['bytes', () => ({ bytes: Uint8Array.of(1) })],
  ['an accessor', () => Object.defineProperty({}, 'x', { get: () => 1, enumerable: true })],
  ['a proxy', () => new Proxy({}, {})],
  ['a proxy inside', () => [new Proxy([], {})]],
  ['a class instance', () => ({ at: new Date(0) })],
  ['a symbol key', () => ({ [Symbol('s')]: 1 })],
  ['a function', () => ({ toJSON: () => 1 })],
  ['a list of another class', () => new (class List extends Array<number> {})(1, 2)],
  ['a list with a property', () => Object.assign([1], { extra: 1 })],
  ['a hole', () => Object.assign([], { 1: 'one' })],
  [
    'a cycle',
    () => {
      const record: Record<string, unknown> = {}
      return Object.assign(record, { itself: record })
    },
  ],
])('nothing is remembered about what holds %s', (_, make) => {
  const value = settle(make())
  expect(isSettled(value)).toBe(false)
  const compute = vi.fn<(value: object) => number>(() => 1)
  const once = oncePerSettled(compute)
  once(value)
  once(value)
  expect(compute).toHaveBeenCalledTimes(2)
})

test('freezing alone does not settle: the inside may still change', () => {
  const inner = { text: 'clean' }
  const soft = Object.freeze({ inner })
  const before = canonicalHash(soft)
  inner.text = 'poisoned'
  expect(isSettled(soft)).toBe(false)
  expect(canonicalHash(soft)).not.toBe(before)
})

test('a computation is made once for each settled value, and one that fails is tried again', () => {
  const size = vi.fn<(value: readonly number[]) => number>((value) => value.length)
  const once = oncePerSettled(size)
  const list = settle([1, 2])
  expect([once(list), once(list), once([1]), once([1])]).toEqual([2, 2, 1, 1])
  expect(size).toHaveBeenCalledTimes(3)
  const text = settle({ half: '\ud800' })
  for (const _ of [1, 2]) expect(() => canonicalHash(text)).toThrow('lone surrogate')
})

test('a list with a hole and a property is no list of its length', () => {
  const list = Object.assign<unknown[], object>([], { extra: 1 })
  list.length = 1
  expect(isSettled(settle(list))).toBe(false)
  expect(isSettled(settle(Object.defineProperty({ a: 1 }, 'hidden', { value: 2 })))).toBe(false)
})

test('what somebody else froze is settled too, once it was looked through', () => {
  const frozen = Object.freeze({ list: Object.freeze([1, 2]) })
  expect(isSettled(frozen)).toBe(false)
  expect(isSettled(settle(frozen))).toBe(true)
  expect(isSettled(frozen.list)).toBe(true)
})

test('the mark of a settled record is no member of it, and a copy has none', () => {
  const record = settle({ text: 'clean' })
  expect(Reflect.ownKeys(record)).toEqual(['text'])
  for (const copy of [{ ...record }, structuredClone(record), Object.create(record)])
    expect(isSettled(copy)).toBe(false)
})

test('settled inside or not, nested as deep as may be or deeper, the text is the same or refused', () => {
  const nested = (depth: number, inside: unknown): unknown => (depth === 0 ? inside : [nested(depth - 1, inside)])
  const inside = () => nested(200, { b: 'é'.repeat(200), a: [1, {}] })
  const settled = settle(inside())
  for (const depth of [0, 1, 53])
    expect(canonicalize(nested(depth, settled))).toBe(canonicalize(nested(depth, inside())))
  for (const value of [settled, inside()])
    expect(() => canonicalize(nested(54, value))).toThrow(expect.objectContaining({ code: 'CANON_DEPTH' }))
})

test('a settled part has the same text in every record that holds it, at every depth', () => {
  const part = settle({ name: 'é'.repeat(200), list: [{ text: 'x'.repeat(300) }, { text: 'y' }] })
  const plain = () => ({ name: 'é'.repeat(200), list: [{ text: 'x'.repeat(300) }, { text: 'y' }] })
  for (const hold of [
    (value: unknown) => ({ b: 1, a: value }),
    (value: unknown) => [value, value],
    (value: unknown) => settle({ z: [[value]], a: 1 }),
    (value: unknown) => ({ value, deep: [[[[value]]]] }),
  ])
    expect([canonicalize(hold(part)), canonicalHash(hold(part))]).toEqual([
      canonicalize(hold(plain())),
      canonicalHash(hold(plain())),
    ])
})
