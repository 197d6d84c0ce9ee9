import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { chunkLines, linesOf } from './chunks.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n')

describe('chunkLines', () => {
  test('covers every line once, in order, verbatim', () => {
    const line = fc.oneof(fc.constant(''), fc.string(), fc.constant('\r'), fc.constant('x'.repeat(5000)))
    const boundary = fc.record({ start: fc.integer({ min: 1, max: 120 }), end: fc.integer({ min: 1, max: 120 }) })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 150 }), fc.array(boundary), (lines, boundaries) => {
        const text = lines.join('\n')
        const chunks = chunkLines(linesOf(text), boundaries)
        expect(chunks.map((chunk) => chunk.text).join('\n')).toBe(linesOf(text).join('\n'))
        let next = 1
        for (const { start, end } of chunks) {
          expect(start).toBe(next)
          expect(end - start).toBeLessThan(40)
          next = end + 1
        }
      }),
      { seed: 20261120 },
    )
  })

  test('a window ends at a blank line once it is half full, else after forty lines', () => {
    expect(chunkLines(linesOf(numbered(90))).map(({ start, end }) => [start, end])).toEqual([
      [1, 40],
      [41, 80],
      [81, 90],
    ])
    const withBlank = numbered(90).replace('line 25\n', '\n')
    expect(chunkLines(linesOf(withBlank))[0]).toMatchObject({ start: 1, end: 25 })
  })

  test('a window ends where an anchor begins or has ended', () => {
    const chunks = chunkLines(linesOf(numbered(60)), [{ start: 15, end: 30 }])
    expect(chunks.map(({ start, end }) => [start, end])).toEqual([
      [1, 14],
      [15, 30],
      [31, 60],
    ])
  })

  test('a line of a megabyte is one window and leaves the others alone', () => {
    const text = `a\n${'x'.repeat(1_000_000)}\nb\n`
    expect(chunkLines(linesOf(text)).map(({ start, end }) => [start, end])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  test.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\r\nb\r\n', ['a\r', 'b\r']],
    ['\ufeffa\n', ['\ufeffa']],
  ])('the lines of %j are %j', (text, expected) => {
    expect(linesOf(text)).toEqual(expected)
  })
})
