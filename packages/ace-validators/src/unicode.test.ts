import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { caseFolding, UNICODE_TABLES } from './unicode.ts'
import { codePointLength } from './unicode/code-points.ts'
import { CASE_FOLDING } from './unicode/case-folding-data.ts'
import { parseCodePointMap } from './unicode/code-point-map.ts'
import { CONFUSABLES } from './unicode/confusables-data.ts'
import { normalize } from './unicode/normalization.ts'
import { skeleton } from './unicode/skeleton.ts'

const SEED = 20261120
const fold = (text: string): string => caseFolding.fold(text)
const everyCodePoint = Array.from({ length: 0x110000 }, (_, codePoint) => String.fromCodePoint(codePoint))

describe('shipped tables', () => {
  it.each([
    ['case folding', CASE_FOLDING],
    ['confusables', CONFUSABLES],
  ])('are what was generated: %s', (_, table) => {
    expect(table.unicodeVersion).toBe('17.0.0')
    expect(createHash('sha256').update(table.data).digest('hex')).toBe(table.sha256)
    expect(table.data.split(',')).toHaveLength(table.entries)
  })

  it('are pinned: a new table changes every guard-set hash and must be meant', () => {
    expect(UNICODE_TABLES).toMatchObject({
      unicodeVersion: '17.0.0',
      caseFoldingSha256: '03135b53d5678ad6c79dd169da281639df38a3e7626058686c35f6c5c83f56cf',
      confusablesSha256: '7b5982c4b884e4ce2fc9634f7868d31c6d78dc600af7c4b9a02057ced6b92b08',
    })
  })

  it('refuse a target that would overrun the buffer', () => {
    expect(() => parseCodePointMap(`41:${Array(33).fill('42').join(' ')}`)).toThrow(RangeError)
  })
})

describe('caseFolding', () => {
  const file = new URL('../../../vectors/case-folding/full.json', import.meta.url)
  const { cases }: { cases: { input: string; folded: string }[] } = JSON.parse(readFileSync(file, 'utf8'))

  it.each(cases)('folds $input', ({ input, folded }) => {
    expect(fold(input)).toBe(folded)
  })

  it('agrees with the regular expressions of this Node wherever folding keeps the length', () => {
    // An /iu expression compares by simple case folding; a Node of another Unicode version may know other letters.
    const differing = everyCodePoint.filter((character) => {
      const folded = fold(character)
      if (folded === character || codePointLength(folded) !== 1) return false
      return !new RegExp(`^\\u{${folded.codePointAt(0)?.toString(16)}}$`, 'iu').test(character)
    })
    expect(differing).toEqual([])
  })

  it('folds upper and lower case of every letter of ASCII, Latin, Greek and Cyrillic to one text', () => {
    for (const character of everyCodePoint.slice(0, 0x530)) {
      // U+0130 and U+0131 have Turkic pairs, which full folding leaves out.
      if (character === '\u0130' || character === '\u0131') continue
      expect(fold(character.toUpperCase()), character.codePointAt(0)?.toString(16)).toBe(fold(character.toLowerCase()))
    }
  })

  it('makes of no character more than two marks: views rely on it', () => {
    const most = everyCodePoint.reduce(
      (known, character) => Math.max(known, fold(character).match(/\p{M}/gu)?.length ?? 0),
      0,
    )
    expect(most).toBe(2)
  })

  it('is idempotent and leaves lone surrogates alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text))
      }),
      { seed: SEED, numRuns: 500 },
    )
    expect(fold('A\ud800B\udc00')).toBe('a\ud800b\udc00')
  })

  it('maps text longer than its buffer', () => {
    expect(fold('É'.repeat(20_000) + 'ß'.repeat(20_000))).toBe('é'.repeat(20_000) + 's'.repeat(40_000))
  })
})

describe('skeleton', () => {
  it.each([
    ['\u0456gn\u03bfre', 'ignore'],
    ['m', 'rn'],
    ['0', 'O'],
    ['a\u200bb', 'ab'],
    ['\u00e9', 'e\u0301'],
    ['plain text', 'plain text'],
  ])('of %s is %s', (text, expected) => {
    expect(skeleton(text)).toBe(expected)
  })
})

describe('normalize', () => {
  it('is String.prototype.normalize for text without long runs of marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('NFC', 'NFD', 'NFKC'), (text, form) => {
        expect(normalize(text, form)).toBe(text.normalize(form))
      }),
      { seed: SEED, numRuns: 500 },
    )
    const thirty = 'a' + '\u0301\u0323'.repeat(15)
    expect(normalize(thirty, 'NFC')).toBe(thirty.normalize('NFC'))
  })

  it('breaks longer runs with an ignorable character and stays linear', () => {
    expect(normalize('a' + '\u0323'.repeat(31), 'NFD')).toBe('a' + '\u0323'.repeat(30) + '\u034f\u0323')
    const started = process.threadCpuUsage()
    normalize('a' + '\u0301\u0323'.repeat(1 << 19), 'NFC')
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
  })

  it('counts every code point whose decomposition can start with a mark as one', () => {
    const mark = /^[\p{M}\u0e33\u0eb3\uff9e\uff9f]$/u
    const missed = everyCodePoint.filter(
      (character) => !mark.test(character) && /^\p{M}/u.test(character.normalize('NFKD')),
    )
    expect(missed).toEqual([])
  })
})
