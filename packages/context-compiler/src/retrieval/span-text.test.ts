import { selectText } from '@ctxlock/contracts/evidence'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { linesOf } from '../lexical/chunks.ts'
import { extractSpan, type SpanText } from './span-text.ts'

function span(text: string, selector: string, limit: number, terms: readonly string[] = []): SpanText | undefined {
  return extractSpan({ text, lines: linesOf(text), selector, terms: new Set(terms), limit, counter: codePointsPerFour })
}

const numbered = Array.from({ length: 100 }, (_, index) => `line ${String(index + 1).padStart(3, '0')} abcdefg`).join(
  '\n',
)

describe('extractSpan', () => {
  test('all of the range when it fits', () => {
    expect(span(numbered, 'lines:3-4', 100)).toEqual({
      start: 3,
      end: 4,
      text: 'line 003 abcdefg\nline 004 abcdefg',
      selector: 'lines:3-4',
      tokens: 9,
      truncated: false,
    })
  })

  test('else the longest prefix of whole lines (ACE-049)', () => {
    expect(span(numbered, 'lines:1-100', 13)).toMatchObject({ selector: 'lines:1-3', tokens: 13, truncated: true })
    expect(span(numbered, 'lines:1-100', 12)).toMatchObject({ selector: 'lines:1-2', tokens: 9, truncated: true })
  })

  test('else the longest prefix of whole code points', () => {
    const text = `a\n${'😀'.repeat(50)}\n`
    expect(span(text, 'lines:2-2', 5)).toEqual({
      start: 2,
      end: 2,
      text: '😀'.repeat(20),
      selector: 'span:2-22',
      tokens: 5,
      truncated: true,
    })
    expect(selectText(text, 'span:2-22')).toBe('😀'.repeat(20))
  })

  test('the smallest window with most query terms, and what fits around it', () => {
    const lines = linesOf(numbered)
    lines[49] = 'the checksum of'
    lines[51] = 'a depot'
    lines[9] = 'checksum only'
    const found = span(lines.join('\n'), 'lines:1-100', 40, ['checksum', 'depot'])
    expect(found).toMatchObject({ truncated: true })
    expect(found?.start).toBeLessThanOrEqual(50)
    expect(found?.end).toBeGreaterThanOrEqual(52)
    expect(found?.tokens).toBeLessThanOrEqual(40)
    expect(found?.tokens).toBeGreaterThan(32)
  })

  test('of windows that hold as many terms, the smallest', () => {
    const lines = linesOf(numbered)
    lines[9] = 'alpha'
    lines[13] = 'beta'
    lines[59] = 'alpha beta'
    expect(span(lines.join('\n'), 'lines:1-100', 30, ['alpha', 'beta'])?.text).toContain('alpha beta')
  })

  test('terms that do not fit together: the window that holds more of them wins', () => {
    const lines = linesOf(numbered)
    lines[0] = 'alpha'
    lines[90] = 'beta'
    lines[91] = 'gamma'
    const found = span(lines.join('\n'), 'lines:1-100', 12, ['alpha', 'beta', 'gamma'])
    expect(found?.text).toContain('beta\ngamma')
  })

  test.each([
    ['lines beyond the end', 'lines:99-101'],
    ['code points beyond the end', 'span:0-99999'],
    ['bytes', 'bytes:0-10'],
    ['a block id', 'block:x'],
  ])('%s are no span', (_, selector) => {
    expect(span(numbered, selector, 100)).toBeUndefined()
  })

  test('not one code point fits into no token', () => {
    expect(span(numbered, 'lines:1-1', 0)).toBeUndefined()
  })

  test('a line of ten megabytes is cut in no time', () => {
    const started = process.threadCpuUsage()
    expect(span('x'.repeat(10_000_000), 'lines:1-1', 250, ['x'])).toMatchObject({
      selector: 'span:0-1000',
      truncated: true,
    })
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
  })

  test('whatever the text: within the limit, verbatim, inside the range, flagged exactly when cut, and the same twice', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constant('checksum depot'),
      fc.constant(''),
      fc.constant('a\r'),
    )
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 40 }),
        fc.nat({ max: 39 }),
        fc.nat({ max: 39 }),
        fc.integer({ min: 1, max: 60 }),
        (parts, one, two, limit) => {
          const text = parts.join('\n')
          const [start, end] = [Math.min(one, two) + 1, Math.max(one, two) + 1]
          const found = span(text, `lines:${start}-${end}`, limit, ['checksum', 'depot'])
          expect(found === undefined).toBe(end > linesOf(text).length)
          if (!found) return
          expect(found.tokens).toBe(codePointsPerFour.count(found.text))
          expect(found.tokens).toBeLessThanOrEqual(limit)
          expect(selectText(text, found.selector)).toBe(found.text)
          expect(found.start).toBeGreaterThanOrEqual(start)
          expect(found.end).toBeLessThanOrEqual(end)
          expect(found.truncated).toBe(found.text !== selectText(text, `lines:${start}-${end}`))
          expect(span(text, `lines:${start}-${end}`, limit, ['checksum', 'depot'])).toEqual(found)
        },
      ),
      { seed: 20261120, numRuns: 500 },
    )
  })
})
