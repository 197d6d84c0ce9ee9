import { expect, test } from 'vitest'
import { isPlainString, mayChangeUnderNfc, needsEscape } from './plain-string.ts'

const characters = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
const plain = characters.filter((character) => isPlainString(character))

test('no plain character is escaped, a surrogate, unassigned, a mark or changed by NFC', () => {
  expect(plain.length).toBeGreaterThan(40_000)
  for (const character of plain) {
    const allowed =
      JSON.stringify(character) === `"${character}"` && character.isWellFormed() && !/[\p{Cn}\p{M}]/u.test(character)
    expect(allowed && character.normalize('NFC') === character, character.codePointAt(0)?.toString(16)).toBe(true)
  }
})

test('no plain character is the later half of a composition, so any row of them is NFC', () => {
  const laterHalves = new Set<string>()
  for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue
    const [, ...rest] = String.fromCodePoint(codePoint).normalize('NFD')
    for (const character of rest) laterHalves.add(character)
  }
  expect(laterHalves.has('\u0301')).toBe(true)
  expect(plain.filter((character) => laterHalves.has(character))).toEqual([])
})

test('one unsafe character anywhere is seen', () => {
  for (const unsafe of ['"', '\\', '\u0000', '\u001f', '\u0301', '\ud800', '\udc00', '😀', '\uffff']) {
    for (const text of [unsafe, `${unsafe}tail`, `head${unsafe}`, `head${unsafe}tail`])
      expect(isPlainString(text)).toBe(false)
  }
  for (const text of ['', 'a', 'é', '漢字', '한국어', 'Привет', '\u007f\u2028/'.slice(0, 1)])
    expect(isPlainString(text)).toBe(true)
})

test('text of 64 MiB needs no stack', () => {
  const long = 'plain text '.repeat(6_000_000)
  expect(isPlainString(long)).toBe(true)
  expect(isPlainString(`${long}\n`)).toBe(false)
})

test('below the first combining mark nothing changes under NFC, alone or in a row', () => {
  const quiet = characters.filter((character) => !mayChangeUnderNfc(character))
  expect(quiet.length).toBe(0x300)
  expect(quiet.join('').normalize('NFC')).toBe(quiet.join(''))
  expect(quiet.toReversed().join('').normalize('NFC')).toBe(quiet.toReversed().join(''))
})

test('what needs an escape is what JSON.stringify escapes, surrogates apart', () => {
  const escaped = characters.filter((character) => character.isWellFormed() && JSON.stringify(character).length > 3)
  expect(characters.filter(needsEscape)).toEqual(escaped)
})
