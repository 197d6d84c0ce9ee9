import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { CanonError } from './canon-error.ts'
import { canonicalize } from './canonical-text.ts'
import { bytesHash, canonicalHash } from './sha256.ts'
import { parseCanonical } from './stored-value.ts'

fc.configureGlobal({ seed: 20_260_212 })

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => {
  try {
    return canonicalize(value) !== ''
  } catch {
    return false
  }
})

test.each(vectors<{ id: string; bytes_hex: string }>('not-canonical.json'))(
  'refuses $id (T-X-CJ-05)',
  ({ bytes_hex }) => {
    expect(() => parseCanonical(Buffer.from(bytes_hex, 'hex'))).toThrow(
      expect.objectContaining({ name: 'CanonError', code: 'CANON_NOT_CANONICAL' }),
    )
  },
)

test.each(vectors<{ id: unknown; canonical: string; sha256: string }>('canonical.json'))(
  'reads $id back',
  ({ canonical, sha256 }) => {
    const value = parseCanonical(encode(canonical))
    expect(canonicalize(value)).toBe(canonical)
    // Stored canonical bytes and the value have the same hash (CJ-040).
    expect(bytesHash(encode(canonical))).toBe(sha256)
    expect(canonicalHash(value)).toBe(sha256)
  },
)

test('reads what canonicalize wrote', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalize(value)
      expect(canonicalize(parseCanonical(encode(text)))).toBe(text)
    }),
    { numRuns: 500 },
  )
})

test('one changed byte is refused or is another value', () => {
  fc.assert(
    fc.property(json, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, change) => {
      const bytes = encode(canonicalize(value))
      const at = position % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ change
      const read = readOrRefuse(bytes)
      if (read !== 'refused') expect(canonicalHash(read.value)).toBe(bytesHash(bytes))
    }),
    { numRuns: 1000 },
  )
})

test('a stored __proto__ is data', () => {
  const value = Object(parseCanonical(encode('{"__proto__":{"admin":true}}')))
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(Reflect.get({}, 'admin')).toBe(undefined)
})

test('says where a value has no canonical form, and never quotes the text', () => {
  const error = refusal('{"a":[1,9007199254740993]}')
  expect(error).toMatchObject({ path: '/a/1', cause: { code: 'CANON_UNSAFE_INTEGER' } })
  const broken = refusal('{"password": hunter2}')
  expect(broken.stack).not.toContain('hunter2')
  // The parser's own message, which a cause would carry, quotes the text.
  expect(broken.cause).toBe(undefined)
})

test('bytes that are no UTF-8 are told from text that is not canonical by the cause', () => {
  expect(refusal(Uint8Array.of(0x22, 0xff, 0x22)).cause).toBeInstanceOf(TypeError)
})

test('nesting that the parser takes but the form does not overflows no stack', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  expect(refusal(deep)).toMatchObject({ code: 'CANON_NOT_CANONICAL', cause: { code: 'CANON_DEPTH' } })
})

function refusal(stored: string | Uint8Array): CanonError {
  try {
    parseCanonical(typeof stored === 'string' ? encode(stored) : stored)
  } catch (error) {
    if (error instanceof CanonError) return error
  }
  throw new Error('Expected a CanonError.')
}

function readOrRefuse(bytes: Uint8Array): { value: unknown } | 'refused' {
  try {
    return { value: parseCanonical(bytes) }
  } catch (error) {
    if (error instanceof CanonError) return 'refused'
    throw error
  }
}
