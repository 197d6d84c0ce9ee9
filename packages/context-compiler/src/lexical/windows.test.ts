import fc from 'fast-check'
import { expect, test } from 'vitest'

import { windowsOf } from './windows.ts'

test('the windows are the text, without its last line feed', () => {
  const line = fc.constantFrom('class A {', '  def b', '', 'plain words', '}')
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 120 }), (lines) => {
      const { chunks } = windowsOf(`${lines.join('\n')}\n`)
      expect(chunks.map(({ text }) => text).join('\n')).toBe(lines.join('\n'))
      expect(chunks.at(-1)?.end).toBe(lines.length)
    }),
    { seed: 4 },
  )
})

test('symbols that are given count instead of the definitions in the lines', () => {
  const text = 'class A {\n'.repeat(30)
  expect(windowsOf(text).symbols).toHaveLength(30)
  expect(windowsOf(text, [])).toEqual({ chunks: [{ start: 1, end: 30, text: text.trimEnd() }], symbols: [] })
})

test('a text with a NUL has none', () => {
  expect(windowsOf('one\0two\n')).toEqual({ chunks: [], symbols: [] })
})
