import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { characterClass, memberSize, replaceMembers, type Replacement } from './character-class.ts'
import { codeUnits } from './code-units.ts'

const SEED = 20261122

describe.each([
  ['hidden', /[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]--\p{White_Space}]/v],
  ['marks', /[\p{Mn}\p{Me}]/u],
  ['punctuation', /[\p{P}\p{S}\p{Z}]/u],
])('replaceMembers: %s', (_, single) => {
  const members = characterClass(new RegExp(`(?:${single.source})+`, `g${single.flags}`))
  const expression = (repeat: '' | '+') => new RegExp(`(?:${single.source})${repeat}`, `g${single.flags}`)
  const replacements: [Replacement, (text: string) => string][] = [
    ['nothing', (text) => text.replace(expression(''), '')],
    ['space-per-run', (text) => text.replace(expression('+'), ' ')],
    ['space-per-member', (text) => text.replace(expression(''), ' ')],
  ]

  it.each(replacements)('does what an expression does: %s', (replacement, byExpression) => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('a', ' ', '\u0301', '\u200b', '.', '\ud800', '\udc00', '\u{e0061}', '\u{1d165}', '\u{1f600}'),
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
        expect(replaceMembers(text, members, replacement)).toBe(byExpression(text))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('knows every code point', () => {
    for (let codePoint = 0; codePoint < 0x110000; codePoint += 1) {
      const character = String.fromCodePoint(codePoint)
      const size = memberSize(members, codeUnits(character), 0)
      if (size !== (single.test(character) ? character.length : 0)) expect.fail(`U+${codePoint.toString(16)}`)
    }
  })
})

it('returns a text without members itself', () => {
  const text = `a${'b'.repeat(100)}\ud800`
  expect(replaceMembers(text, characterClass(/\p{M}+/gu), 'nothing')).toBe(text)
})
