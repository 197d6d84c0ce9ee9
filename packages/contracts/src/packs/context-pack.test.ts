import { readFileSync } from 'node:fs'

import { canonicalize, parseCanonical } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { closedText, closedValue } from '../closed-copy.ts'
import { brokenSamples, sampleOf, type JsonSchema } from '../testing.ts'
import { ContextPackPayload, ContextPackRecord, copyOfPackPayload, copyOfPackRecord } from './context-pack.ts'

const samplesOf = (id: string) => {
  const root: JsonSchema = JSON.parse(readFileSync(new URL(`../../schemas/${id}.json`, import.meta.url), 'utf8'))
  return (['smallest', 'full'] as const).map((fullness) => sampleOf(root, root, fullness))
}
const encode = (text: string) => new TextEncoder().encode(text)

describe.each([
  { id: 'context-pack-record', schema: ContextPackRecord, copyOf: copyOfPackRecord },
  { id: 'context-pack-payload', schema: ContextPackPayload, copyOf: copyOfPackPayload },
])('a copy of $id', ({ id, schema, copyOf }) => {
  const samples = samplesOf(id)

  test('is what its schema makes of it, and its text the canonical one', () => {
    for (const sample of samples) {
      const copy = copyOf(sample)
      expect(copy).toStrictEqual(schema.parse(sample))
      expect(copy && closedText(copy)).toBe(canonicalize(sample))
      expect(closedValue<object>(copyOf, encode(canonicalize(sample)))).toStrictEqual(copy)
    }
  })

  test('is not made of anything that its schema refuses', () => {
    const taken = samples.flatMap(brokenSamples).filter(({ value }) => copyOf(value) !== undefined)
    expect(taken.filter(({ value }) => !schema.safeParse(value).success).map(({ name }) => name)).toEqual([])
  })
})

const [, full] = samplesOf('context-pack-payload')
const withSynopsis = (synopsis: string) => ({ ...Object(full), synopsis })

test.each(['caf\u00e9', 'cafe\u0301', '\u1100\u1161', '\u{1f600}', 'a\tb\nc', '"\\'])(
  'the text of %j is canonical',
  (text) => {
    const copy = copyOfPackPayload(withSynopsis(text))
    expect(copy && closedText(copy)).toBe(canonicalize(withSynopsis(text)))
  },
)

test('bytes that are not canonical, or only perhaps, are left to the schema', () => {
  const text = canonicalize(withSynopsis('plain'))
  const value = JSON.parse(text)
  const left = {
    'white space': text.replace(':', ': '),
    'another order': JSON.stringify(Object.fromEntries(Object.entries(value).toReversed())),
    'a key twice': text.replace('"synopsis":', '"synopsis":"b","synopsis":'),
    'an escape that is not needed': text.replace('plain', '\\u0070lain'),
    'a byte-order mark': `\ufeff${text}`,
    'text that is not in NFC': text.replace('plain', 'cafe\u0301'),
    'half a text': text.slice(0, 40),
  }
  for (const [name, changed] of Object.entries(left)) {
    expect(changed, name).not.toBe(text)
    expect(closedValue(copyOfPackPayload, encode(changed)), name).toBeUndefined()
    expect(() => parseCanonical(encode(changed)), name).toThrow()
  }
  const notUtf8 = encode(text).map((byte) => (byte === 'p'.charCodeAt(0) ? 0xff : byte))
  expect(closedValue(copyOfPackPayload, notUtf8)).toBeUndefined()
})
