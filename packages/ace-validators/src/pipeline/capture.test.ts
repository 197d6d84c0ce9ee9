import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { capture } from './capture.ts'

const SEED = 20261120
const refused = expect.objectContaining({ name: 'ValidatorError', code: 'INPUT_NOT_PLAIN' })

describe('capture', () => {
  it('copies plain data as it is, texts byte for byte, and freezes it through and through', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const copy = capture(value)
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
        const visit = (part: unknown): void => {
          if (typeof part !== 'object' || part === null) return
          expect(Object.isFrozen(part)).toBe(true)
          Object.values(part).forEach(visit)
        }
        visit(copy)
      }),
      { seed: SEED, numRuns: 300 },
    )
    expect(capture({ text: 'e\u0301\ud800', bytes: Uint8Array.of(1, 2) })).toEqual({
      text: 'e\u0301\ud800',
      bytes: Uint8Array.of(1, 2),
    })
  })

  it('takes what is frozen through and through as it is, and nothing else', () => {
    const inner = Object.freeze({ text: 'clean' })
    const frozen = Object.freeze({ inner, list: Object.freeze([inner, 1]) })
    expect(capture(frozen)).toBe(frozen)
    expect(capture({ frozen }).frozen).toBe(frozen)
    const soft = Object.freeze({ inner: { text: 'clean' } })
    const copy = capture(soft)
    soft.inner.text = 'payload'
    expect(copy).toEqual({ inner: { text: 'clean' } })

    const bytes = Uint8Array.of(1)
    const holder = capture(Object.freeze({ bytes }))
    const again = capture(holder)
    bytes[0] = 2
    holder.bytes[0] = 3
    expect([holder.bytes[0], again.bytes[0]]).toEqual([3, 1])

    const list = Object.assign([1], { extra: 1 })
    Object.defineProperty(list, 'twoFaced', { get: () => 'payload' })
    expect(Reflect.ownKeys(capture(Object.freeze(list)))).toEqual(['0', 'length'])
    const accessor = Object.freeze(Object.defineProperty({}, 'text', { get: () => 'clean' }))
    expect(() => capture(accessor)).toThrow(refused)
    expect(() => capture(Object.freeze([accessor]))).toThrow(refused)
  })

  it('is not reached by later changes of the original', () => {
    const original = { list: [{ text: 'clean' }], bytes: Uint8Array.of(1) }
    const copy = capture(original)
    original.list[0] = { text: 'payload' }
    original.bytes[0] = 2
    expect(copy).toEqual({ list: [{ text: 'clean' }], bytes: Uint8Array.of(1) })
  })

  it('keeps a key named __proto__ as data', () => {
    const parsed: object = JSON.parse('{"__proto__":{"exportable":true},"constructor":1}')
    const copy = capture(parsed)
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect('exportable' in copy).toBe(false)
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const holes = [1]
  holes.length = 3

  it.each<[string, unknown]>([
    [
      'a getter',
      {
        get text() {
          return 'clean'
        },
      },
    ],
    ['a setter', { set text(_: string) {} }],
    ['a proxy of an object', new Proxy({ text: 'clean' }, {})],
    ['a proxy of an array', new Proxy([1], {})],
    ['a getter in an array', Object.defineProperty([1], '0', { get: () => 2 })],
    [
      'a class instance',
      new (class Snippet {
        text = 'clean'
      })(),
    ],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a subclass of Array', new (class extends Array<number> {})(1)],
    ['an array with a hole', holes],
    ['a symbol key', { [Symbol('k')]: 1 }],
    ['a function', { toJSON: () => 'clean' }],
    ['a bigint', { n: 1n }],
    ['a cycle', cyclic],
  ])('refuses %s, wherever it stands', (_, hostile) => {
    expect(() => capture(hostile)).toThrow(refused)
    expect(() => capture({ deep: [{ hostile }] })).toThrow(refused)
  })

  it('property: any accessor or proxy is refused at any place of any value', () => {
    const place = fc.array(fc.oneof(fc.constant('key'), fc.constant(0)), { maxLength: 6 })
    const hostile = fc.constantFrom<() => unknown>(
      () => new Proxy({}, {}),
      () => Object.defineProperty({}, 'x', { get: () => 1, enumerable: true }),
      () => Object.defineProperty({}, 'x', { get: () => 1 }),
    )
    fc.assert(
      fc.property(place, hostile, fc.jsonValue(), (path, make, beside) => {
        const value = path.reduce<unknown>((inner, step) => (step === 0 ? [beside, inner] : { beside, inner }), make())
        expect(() => capture(value)).toThrow(refused)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('names the place and not the value', () => {
    expect(() => capture({ snippets: [{ secret: () => 'canary' }] })).toThrow(/\/snippets\/0\/secret holds a function/)
  })
})
