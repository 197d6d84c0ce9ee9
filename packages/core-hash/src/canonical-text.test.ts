import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostInput, vectors, type HostValue } from '../test/vectors.ts'
import { CanonError } from './canon-error.ts'
import { canonicalize } from './canonical-text.ts'
import { writeDirectly } from './direct-writer.ts'
import { serializeJcs } from './jcs-text.ts'
import { normalizeValue } from './normalized-value.ts'
import { canonicalHash } from './sha256.ts'

fc.configureGlobal({ seed: 20_260_212 })

/** The specification written down as plainly as possible; input is JSON data. */
function reference(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error('not finite')
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new Error('unsafe')
    return String(Number.isInteger(value) ? value + 0 : Number(value.toFixed(6)) + 0)
  }
  if (typeof value === 'string') return referenceString(value)
  if (Array.isArray(value)) return `[${value.map(reference).join()}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.keys(value).map((key): [string, unknown] => [key.normalize('NFC'), Reflect.get(value, key)])
    if (new Set(members.map(([key]) => key)).size < members.length) throw new Error('collision')
    members.sort(([a], [b]) => byCodeUnit(a, b))
    return `{${members.map(([key, member]) => `${referenceString(key)}:${reference(member)}`).join()}}`
  }
  return String(value)
}

function referenceString(text: string): string {
  const short: Record<string, string> = {
    '\b': '\\b',
    '\t': '\\t',
    '\n': '\\n',
    '\f': '\\f',
    '\r': '\\r',
    '"': '\\"',
    '\\': '\\\\',
  }
  let escaped = ''
  for (const character of text.normalize('NFC')) {
    const unit = character.charCodeAt(0)
    escaped += short[character] ?? (unit < 0x20 ? `\\u${unit.toString(16).padStart(4, '0')}` : character)
  }
  return `"${escaped}"`
}

function byCodeUnit(a: string, b: string): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
  fc.double(),
)
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      'e',
      '\u0301',
      '\u0323',
      '\n',
      '"',
      '\\',
      'ᄒ',
      'ᅡ',
      'ᆫ',
      '<',
      '\u0338',
      '😀',
      'é',
      'ﬁ',
      '\u0000',
    ),
  }),
  fc.constantFrom('__proto__', 'constructor', 'toJSON', 'length', '0', '10', '9', '4294967295', ''),
)
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -0),
    anyNumber,
    anyText,
    fc.array(tie('value')),
    fc.dictionary(anyText, tie('value'), { noNullPrototype: false }),
  ),
})).value

/** Text, or the fact that there is none. */
function outcome(write: () => string): string {
  try {
    return `text ${write()}`
  } catch {
    return 'refused'
  }
}

function accepted(value: unknown): boolean {
  return outcome(() => reference(value)) !== 'refused'
}

describe('vectors (T-X-CJ-01, CJ-041)', () => {
  interface Vector {
    id: number | string
    input_json: string
    host_values?: HostValue[]
    canonical: string
    sha256: string
  }
  test.each(vectors<Vector>('canonical.json'))('$id', (vector) => {
    const input = hostInput(vector)
    expect(canonicalize(input)).toBe(vector.canonical)
    expect(serializeJcs(normalizeValue(input))).toBe(vector.canonical)
    expect(canonicalHash(input)).toBe(vector.sha256)
  })

  test('hold all of section 9', () => {
    const ids = [...vectors<Vector>('canonical.json'), ...vectors<Vector>('bytes.json')].map(({ id }) => id)
    expect(ids.filter((id) => typeof id === 'number')).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })
})

describe('refusals (T-X-CJ-04)', () => {
  interface Vector {
    id: string
    code: string
    path: string
    input_json: string
    host_values?: HostValue[]
  }
  const negative = vectors<Vector>('negative.json')

  test.each(negative)('$id', (vector) => {
    for (const refuse of [canonicalize, normalizeValue, canonicalHash]) {
      const error = refusalOf(() => refuse(hostInput(vector)))
      expect({ code: error.code, path: error.path }).toEqual({ code: vector.code, path: vector.path })
      // After a refusal the next value is written as if nothing had happened.
      expect(canonicalize({ b: [1], a: {} })).toBe('{"a":{},"b":[1]}')
    }
  })

  test('every code of section 2 has a vector', () => {
    expect([...new Set(negative.map(({ code }) => code))].sort()).toEqual([
      'CANON_ACCESSOR',
      'CANON_BIGINT',
      'CANON_CYCLE',
      'CANON_DEPTH',
      'CANON_INVALID_DATE',
      'CANON_KEY_COLLISION',
      'CANON_LONE_SURROGATE',
      'CANON_NON_FINITE',
      'CANON_SPARSE_ARRAY',
      'CANON_SYMBOL_KEY',
      'CANON_UNDEFINED',
      'CANON_UNSAFE_INTEGER',
      'CANON_UNSUPPORTED_TYPE',
    ])
  })

  test('the message never holds the value or the key', () => {
    const error = refusalOf(() => canonicalize({ 'sk-secret-key': 'sk-secret-value\ud800' }))
    expect(error.message).not.toContain('sk-secret')
    expect(String(error.stack).split('\n')[0]).not.toContain('sk-secret')
  })

  function refusalOf(act: () => unknown): CanonError {
    try {
      act()
    } catch (error) {
      if (error instanceof CanonError) return error
      throw error
    }
    throw new Error('Expected a refusal.')
  }
})

describe('properties (T-X-CJ-03)', () => {
  test('equals the plain reference, by the direct and by the careful way', () => {
    fc.assert(
      fc.property(json, (value) => {
        const expected = outcome(() => reference(value))
        expect(outcome(() => canonicalize(value))).toBe(expected)
        expect(outcome(() => serializeJcs(normalizeValue(value)))).toBe(expected)
      }),
      { numRuns: 1500 },
    )
  })

  test('the direct way alone writes every accepted value', () => {
    fc.assert(
      fc.property(json.filter(accepted), (value) => writeDirectly(value, String) === reference(value)),
      { numRuns: 500 },
    )
  })

  test('is idempotent (CJ-005)', () => {
    fc.assert(
      fc.property(json.filter(accepted), (value) => {
        const text = canonicalize(value)
        expect(canonicalize(JSON.parse(text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test('does not depend on key order', () => {
    const shuffled = fc
      .uniqueArray(fc.tuple(anyText, json.filter(accepted)), { selector: ([key]) => key.normalize('NFC') })
      .chain((members) => fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })))
    fc.assert(
      fc.property(shuffled, ([members, others]) => {
        expect(canonicalize(fromEntries(others))).toBe(canonicalize(fromEntries(members)))
      }),
      { numRuns: 500 },
    )
  })

  test('does not depend on the normal form of text and keys', () => {
    fc.assert(
      fc.property(anyText, anyText, (key, text) => {
        const forms = (['NFC', 'NFD'] as const).map((form) =>
          canonicalize({ [key.normalize(form)]: [text.normalize(form)], z: 1 }),
        )
        expect(forms[1]).toBe(forms[0])
      }),
      { numRuns: 500 },
    )
  })

  test('leaves its input alone, frozen or not', () => {
    fc.assert(
      fc.property(json.filter(accepted), (value) => {
        const before = structuredClone(value)
        canonicalize(value)
        normalizeValue(value)
        expect(value).toEqual(before)
      }),
      { numRuns: 200 },
    )
    expect(canonicalize(Object.freeze({ b: Object.freeze([1]), a: 1 }))).toBe('{"a":1,"b":[1]}')
  })

  function fromEntries(members: [string, unknown][]): object {
    return Object.fromEntries(members)
  }
})

describe('hostile objects', () => {
  test('run nothing, however often the same shape was written before (CJ-004)', () => {
    let ran = 0
    const spy = (): number => ++ran
    for (let round = 0; round < 100; round++) canonicalize({ a: 1, b: [1, 2], toJSON: 1 })
    const getter = Object.defineProperty({ a: 1, b: [1, 2] }, 'toJSON', { get: spy, enumerable: true })
    const hiddenGetter = Object.defineProperty({ a: 1 }, 'b', { get: spy })
    const element = Object.defineProperty([1, 2], 0, { get: spy, enumerable: true })
    const setter = Object.defineProperty({}, 'a', {
      set: (value: number) => {
        ran += value
      },
      enumerable: true,
    })
    for (const value of [getter, hiddenGetter, element, setter, [element]])
      expect(() => canonicalize(value)).toThrow(/getter or setter/)
    for (const value of [{ toJSON: spy }, { [Symbol.toPrimitive]: spy }, { toString: spy, valueOf: spy }])
      expect(() => canonicalize(value)).toThrow(CanonError)
    expect(ran).toBe(0)
  })

  test('a Proxy is refused unread, wherever it stands', () => {
    const traps: string[] = []
    const handler = new Proxy({}, { get: (_, trap) => (traps.push(String(trap)), undefined) })
    for (const target of [{}, [], new Date(0), () => 1]) {
      const proxy = new Proxy(target, handler)
      for (const value of [proxy, [proxy], { proxy }]) expect(() => canonicalize(value)).toThrow(/plain object/)
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(() => canonicalize(proxy)).toThrow(CanonError)
    expect(() => canonicalize(Object.create(new Proxy({}, handler)))).toThrow(CanonError)
    expect(traps).toEqual([])
  })

  test('__proto__ is data and changes no prototype (CJ-009)', () => {
    const parsed: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    const copy = normalizeValue(parsed)
    expect(canonicalize(parsed)).toBe('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    expect(Object.getPrototypeOf(copy)).toBe(null)
    expect(Reflect.ownKeys(Object(copy))).toEqual(['__proto__', 'constructor'])
    expect(Reflect.get({}, 'admin')).toBe(undefined)
  })

  test('an object met twice is written twice, one inside itself is a cycle (CJ-008)', () => {
    const shared = { a: [1] }
    const twice = [shared, { shared }, shared.a]
    for (const write of [canonicalize, serializeJcs]) expect(write(twice)).toBe('[{"a":[1]},{"shared":{"a":[1]}},[1]]')
    const cycle: unknown[] = []
    cycle.push({ back: cycle })
    expect(() => canonicalize(cycle)).toThrow(/contains itself/)
  })

  test('a wide object that contains itself is refused without writing its width 256 times', () => {
    const record: Record<string, unknown> = { bulk: 'x'.repeat(2_000_000) }
    record['self'] = { record }
    expect(() => canonicalize(record)).toThrow(/contains itself/)
  })

  test('nesting far beyond the limit overflows no stack (CJ-010)', () => {
    const open = 100_000
    const deep: unknown = JSON.parse('['.repeat(open) + ']'.repeat(open))
    expect(() => canonicalize(deep)).toThrow(/256 nested/)
    expect(() => serializeJcs(deep)).toThrow(/256 nested/)
  })

  test('a huge length without elements costs nothing', () => {
    const sparse: unknown[] = []
    sparse.length = 4_294_967_295
    expect(() => canonicalize(sparse)).toThrow(/without holes/)
  })

  test('a hole is not made good by an extra property, nor by a polluted prototype', () => {
    const holed = Object.assign([1, 2, 3], { extra: 2 })
    Reflect.deleteProperty(holed, 1)
    const late = Object.assign([1], { 4294967295: 2 })
    Object.defineProperty(Array.prototype, 1, { value: 'polluted', configurable: true })
    try {
      expect(() => canonicalize(holed)).toThrow(/without holes/)
    } finally {
      Reflect.deleteProperty(Array.prototype, 1)
    }
    expect(() => canonicalize(late)).toThrow(/without holes/)
    expect(() => canonicalize(Object.defineProperty([1], 'raw', { value: 1 }))).toThrow(/without holes/)
    expect(() => canonicalize(Object.assign([1], { [Symbol('raw')]: 1 }))).toThrow(/symbol key/)
  })

  test('a polluted Object.prototype lends no value to an accessor and no member to an object', () => {
    const accessor = Object.defineProperty({}, 'a', { set: (_value) => {}, enumerable: true })
    const results: string[] = []
    Object.defineProperty(Object.prototype, 'value', {
      value: 'polluted',
      configurable: true,
      enumerable: true,
      writable: true,
    })
    try {
      results.push(
        canonicalize({ a: 1 }),
        outcome(() => canonicalize(accessor)),
      )
    } finally {
      Reflect.deleteProperty(Object.prototype, 'value')
    }
    expect(results).toEqual(['{"a":1}', 'refused'])
  })

  test('exotic objects in disguise are refused', () => {
    const disguised = Object.setPrototypeOf([1], Object.prototype)
    const undressed = Object.setPrototypeOf([1], null)
    const pretender = Object.create(Array.prototype, { length: { value: 0 } })
    const dressedDate = Object.assign(new Date(0), { extra: 1 })
    const noDate = Object.create(Date.prototype)
    for (const value of [disguised, undressed, pretender, dressedDate, noDate]) {
      expect(() => canonicalize(value)).toThrow(/plain object/)
    }
    expect(() => canonicalize(argumentsOf())).toThrow(CanonError)

    function argumentsOf(): unknown {
      return arguments
    }
  })

  test('non-enumerable data is not part of an object', () => {
    const value = Object.defineProperty({ b: 1, a: 2 }, 'hidden', { value: 'not data' })
    expect(canonicalize(value)).toBe('{"a":2,"b":1}')
  })

  test('a Date overrides nothing of its own text', () => {
    expect(canonicalize([new Date('0000-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')])).toBe(
      '["0000-01-01T00:00:00.000Z","9999-12-31T23:59:59.999Z"]',
    )
    expect(() => canonicalize(Object.defineProperty(new Date(0), 'toISOString', { value: () => 'forged' }))).toThrow(
      CanonError,
    )
  })
})

describe('shapes that are remembered', () => {
  test('objects with the same names in another order, fewer or more names, or one plan slot stay apart', () => {
    const shapes: Record<string, unknown>[] = [
      { aa: 1, bb: 2 },
      { bb: 1, aa: 2 },
      { aa: 1, cc: 2 },
      { ac: 1, bb: 2 },
      { aa: 'x', bb: 'y' },
      { aa: 1, bb: 2, cc: 3 },
    ]
    for (let round = 0; round < 3; round++)
      for (const shape of shapes) expect(canonicalize(shape)).toBe(reference(shape))
  })

  test('members change between text and other types in every combination', () => {
    const values = ['text', 1, null, true, ['text'], [], {}, { a: 'text' }, 'e\u0301\n']
    for (const a of values)
      for (const b of values)
        for (const c of values) expect(canonicalize([{ c, b, a }, b, a])).toBe(reference([{ c, b, a }, b, a]))
  })

  test('documents larger than the buffer, one after the other, with a refused one between them', () => {
    const large = {
      list: Array.from({ length: 20_000 }, (_, index) => ({ id: index, text: `text ${index} é`, score: index / 7 })),
    }
    const text = reference(large)
    for (let round = 0; round < 2; round++) {
      expect(canonicalize(large) === text).toBe(true)
      expect(() => canonicalize({ ...large, z: undefined })).toThrow(CanonError)
      expect(canonicalize(['small'])).toBe('["small"]')
    }
  })

  test('a document loses nothing where it meets the end of the buffer, wherever that falls', () => {
    const records = Array.from({ length: 1400 }, () => ({ first: [true, {}, 12], second: null, third: 'é' }))
    for (let shift = 0; shift < 56; shift += 5) {
      // So large that the buffer is given back, and starts small again.
      canonicalize('x'.repeat(3_000_000))
      const value = ['x'.repeat(shift), ...records]
      expect(JSON.stringify(value).length).toBeGreaterThan(1 << 16)
      expect(canonicalize(value) === JSON.stringify(value)).toBe(true)
    }
  })

  test('more names and longer names than are remembered', () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${(index * 7919) % 1000}`, index]))
    const long = { ['n'.repeat(10_000)]: 1, a: 2 }
    for (const value of [wide, long, wide, long]) expect(canonicalize(value)).toBe(reference(value))
  })
})

test('a canonical hash of 1 MiB stays below its maximum of 250 ms (T-X-PERF-05)', () => {
  const value = Array.from({ length: 4096 }, (_, index) => ({
    id: `id-${index}`,
    text: 'x'.repeat(200),
    score: index / 7,
    tags: ['a', 'b'],
  }))
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now()
    canonicalHash(value)
    return performance.now() - start
  })
  // The quickest: what else the machine does must not decide.
  expect(Math.min(...times)).toBeLessThan(250)
})
