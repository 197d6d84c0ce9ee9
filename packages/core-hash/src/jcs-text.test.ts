import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostInput, vectorFile, vectors, type HostValue } from '../test/vectors.ts'
import { serializeJcs } from './jcs-text.ts'

fc.configureGlobal({ seed: 20_260_212 })

describe('RFC 8785 vectors (T-X-CJ-02, CJ-023)', () => {
  test.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])('%s', (name) => {
    const text = serializeJcs(JSON.parse(vectorFile(`rfc8785/input/${name}.json`).toString('utf8')))
    expect(text).toBe(vectorFile(`rfc8785/output/${name}.json`).toString('utf8'))
    const hex = vectorFile(`rfc8785/outhex/${name}.txt`).toString('latin1').replaceAll(/\s/g, '')
    expect(Buffer.from(text, 'utf8').toString('hex')).toBe(hex)
  })
})

test('numbers of RFC 8785 appendix B', () => {
  const bits: [string, string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ]
  expect(bits.map(([hex]) => serializeJcs(Buffer.from(hex, 'hex').readDoubleBE()))).toEqual(
    bits.map(([, text]) => text),
  )
})

test('changes neither text nor numbers', () => {
  expect(serializeJcs({ 'e\u0301': 'e\u0301', é: 0.123456789 })).toBe('{"e\u0301":"e\u0301","é":0.123456789}')
})

test('for objects with sorted keys it is JSON.stringify', () => {
  const sorted = fc.json().map((text) => sortKeys(JSON.parse(text)))
  fc.assert(
    fc.property(sorted, (value) => {
      expect(serializeJcs(value)).toBe(JSON.stringify(value))
    }),
    { numRuns: 500 },
  )

  function sortKeys(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sortKeys)
    if (typeof value !== 'object' || value === null) return value
    // Integer-like keys keep their own order in JSON.stringify, so they get a letter.
    const members = Object.entries(value).map(([key, member]): [string, unknown] => [`k${key}`, sortKeys(member)])
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
})

describe('refuses what is not JSON data', () => {
  const other = new Set(['CANON_UNSAFE_INTEGER', 'CANON_KEY_COLLISION', 'CANON_INVALID_DATE'])
  const negative = vectors<{ id: string; code: string; path: string; input_json: string; host_values?: HostValue[] }>(
    'negative.json',
  )

  test.each(negative.filter(({ code }) => !other.has(code)))('$id', (vector) => {
    expect(() => serializeJcs(hostInput(vector))).toThrow(
      expect.objectContaining({ code: vector.code, path: vector.path }),
    )
  })

  test('a Date, which JSON does not have', () => {
    expect(() => serializeJcs([new Date(0)])).toThrow(
      expect.objectContaining({ code: 'CANON_UNSUPPORTED_TYPE', path: '/0' }),
    )
  })
})
