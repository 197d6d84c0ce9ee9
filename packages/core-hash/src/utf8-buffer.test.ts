import { expect, test } from 'vitest'

import { fixedText, Utf8Buffer } from './utf8-buffer.ts'

test('a fixed text of any length is written as it is, at any place, and what follows it as well', () => {
  for (const text of ['', 'a', 'abc', 'abcd', 'abcde', '"key":', 'ü€😀', 'x'.repeat(1 << 17)]) {
    for (const before of ['', '1', '12', '123']) {
      const out = new Utf8Buffer()
      out.text(before)
      out.fixed(fixedText(text))
      out.byte(0x2e)
      expect(String(out)).toBe(`${before}${text}.`)
    }
  }
})

test('what was written can be written again, and only that', () => {
  const out = new Utf8Buffer()
  out.ascii('before')
  const start = out.length
  out.text('äbc')
  const again = out.fixedSince(start)
  out.clear()
  out.ascii('stale bytes behind')
  out.clear()
  out.fixed(again)
  expect(String(out)).toBe('äbc')
})

test('a piece of other bytes is copied, and nothing of what stands behind it', () => {
  const source = new TextEncoder().encode('before, piece of text; behind')
  for (const [start, length] of [
    [0, 6],
    [8, 13],
    [8, 1],
    [9, 0],
    [4, 16],
  ] as const) {
    const out = new Utf8Buffer()
    out.ascii('0')
    out.copy(new DataView(source.buffer), start, length)
    out.byte(0x2e)
    expect(String(out)).toBe(`0${new TextDecoder().decode(source.subarray(start, start + length))}.`)
  }
})

test('text is written over in place, and read between offsets', () => {
  const out = new Utf8Buffer()
  out.ascii('0123456789')
  out.overwrite(2, 'abc')
  expect([String(out), out.textBetween(2, 6)]).toEqual(['01abc56789', 'abc5'])
})

test('whatever meets the end of the buffer has room', () => {
  const FIRST_CAPACITY = 1 << 16
  const filled = (length: number) => {
    const out = new Utf8Buffer()
    out.ascii('x'.repeat(length))
    expect(out.bytes).toHaveLength(FIRST_CAPACITY)
    return out
  }
  const source = new DataView(new TextEncoder().encode('abcdefgh').buffer)
  const ends: [number, (out: Utf8Buffer) => void, string][] = [
    [2, (out) => out.copy(source, 0, 4), 'abcd'],
    [1, (out) => out.append(new TextEncoder().encode('ab')), 'ab'],
    [1, (out) => out.text('é'), 'é'],
  ]
  for (const [room, write, text] of ends) {
    const out = filled(FIRST_CAPACITY - room)
    write(out)
    expect(String(out).slice(FIRST_CAPACITY - room)).toBe(text)
  }
  const again = filled(FIRST_CAPACITY - 1).fixedSince(FIRST_CAPACITY - 2)
  const out = new Utf8Buffer()
  out.fixed(again)
  expect(String(out)).toBe('x')
})

test('a piece is copied up to the end of what it stands in', () => {
  const out = new Utf8Buffer()
  out.copy(new DataView(new TextEncoder().encode('abcdefgh').buffer), 0, 8)
  expect(String(out)).toBe('abcdefgh')
})
