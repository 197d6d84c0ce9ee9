import { expect, test } from 'vitest'

import { canonicalize, settle } from './index.ts'
import { Mark } from './mark.ts'

const ofBytes = (bytes: number) => settle({ text: 'x'.repeat(bytes - '{"text":""}'.length) })
const keptOf = (value: object) => {
  const text = Mark.textOf(value)
  return text && { text: new TextDecoder().decode(text.utf8), depth: text.depth }
}

test.each([
  [255, false],
  [256, true],
  [1 << 14, true],
  [(1 << 14) + 1, false],
])('the text of a settled record of %i bytes is kept: %s', (bytes, isKept) => {
  const record = ofBytes(bytes)
  const text = canonicalize(record)
  expect(text).toHaveLength(bytes)
  expect(keptOf(record)).toEqual(isKept ? { text, depth: 1 } : undefined)
})

test('what is kept is the text of the part alone, and as deep as it stood', () => {
  const list = settle(['a'.repeat(200), 'b'.repeat(200), {}])
  const before = 'before '.repeat(100)
  expect(canonicalize({ a: before, b: [list] })).toBe(`{"a":"${before}","b":[${JSON.stringify(list)}]}`)
  expect(keptOf(list)).toEqual({ text: JSON.stringify(list), depth: 3 })
})

test('a kept text stands again where it is no deeper, and is written anew where it is', () => {
  const part = ofBytes(300)
  Mark.keepText(part, { utf8: new TextEncoder().encode('"kept"'), depth: 2 })
  expect(canonicalize(part)).toBe('"kept"')
  expect(canonicalize([part])).toBe('["kept"]')
  expect(canonicalize([[part]])).toBe(`[[${JSON.stringify(part)}]]`)
  expect(keptOf(part)).toEqual({ text: JSON.stringify(part), depth: 3 })
})

test('two names of a settled record that are one in canonical text are refused as anywhere', () => {
  const record = () => ({ ['\u00e9']: 1, ['e\u0301']: 2 })
  for (const value of [record(), settle(record())])
    expect(() => canonicalize(value)).toThrow(expect.objectContaining({ name: 'CanonError' }))
})
