import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { codePointName, linesOf, matchesIn, piecesOf } from './visible-text.ts'

const SEED = 20261122
const text = fc.string({
  unit: fc.constantFrom('a', 'B', '\\', '\\n', '\n', '\u202e', '\u0007', '[REDACTED:token:ab]', '[', '🙂', ' '),
})

test('pieces and lines leave nothing out and add nothing', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('', 'a', 'ab', '\\', '[', '🙂'), (shown, words) => {
      const matches = matchesIn(shown, words)
      expect(
        piecesOf(shown, matches)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(shown)
      expect(
        linesOf(shown)
          .map(({ start, end }) => shown.slice(start, end))
          .join(''),
      ).toBe(shown)
      const marked = piecesOf(shown, matches)
        .filter(({ match }) => match !== undefined)
        .map((piece) => piece.text)
      expect(marked.join('')).toBe(matches.map(({ start, end }) => shown.slice(start, end)).join(''))
    }),
    { seed: SEED },
  )
})

describe('what cannot be seen', () => {
  test.each([
    '\u0000',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u00ad',
    '\u115f',
    '\u2800',
    '\u3164',
    '\u200b',
    '\u200f',
    '\u202e',
    '\u2066',
    '\ufeff',
    '\u{e0041}',
  ])('%j is named', (character) => {
    expect(piecesOf(`a${character}b`).map(({ kind }) => kind)).toEqual(['plain', 'invisible', 'plain'])
    expect(codePointName(character)).toMatch(/^U\+[0-9A-F]{4,5}$/)
  })

  test('line ends, tabs and letters of any script stay as they are', () => {
    const plain = 'a\tb\nä 日本 עברית 🙂'
    expect(piecesOf(plain)).toEqual([{ text: plain, kind: 'plain', match: undefined }])
  })
})

test('the marks of the redactor are found, and what only begins like one is text', () => {
  expect(piecesOf('x[REDACTED:api_key:1a2b]y').map(({ kind }) => kind)).toEqual(['plain', 'redaction', 'plain'])
  expect(piecesOf('[REDACTED: no mark]').map(({ kind }) => kind)).toEqual(['plain'])
})

test('a search takes words as they are written, in any case', () => {
  expect(matchesIn('a.b A.B axb', 'A.b')).toEqual([
    { start: 0, end: 3 },
    { start: 4, end: 7 },
  ])
})

test('a line of a JSON string ends after its \\n, not after an escaped backslash', () => {
  const json = String.raw`"one\ntwo\\nthree"`
  expect(linesOf(json).map(({ start, end }) => json.slice(start, end))).toEqual([
    String.raw`"one\n`,
    String.raw`two\\nthree"`,
  ])
})
