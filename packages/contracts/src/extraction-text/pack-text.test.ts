import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createLineIndex } from './line-index.ts'
import { cleanText, cutRoughly, oneLine, truncate } from './pack-text.ts'
import { splitSentences } from './sentences.ts'

fc.configureGlobal({ seed: 20_260_212 })

const anyText = fc.string({
  unit: fc.constantFrom('a', 'e\u0301', '\u{1F600}', '\n', '\r', '\r\n', '\t', '\u0007', '\u0085', ' ', '\u2028'),
})

test('cleaned text obeys CP-016 and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const clean = cleanText(text)
      expect(clean).toMatch(/^(?:[^\p{Cc}]|[\n\t])*$/u)
      expect(clean).toBe(clean.normalize('NFC'))
      expect(cleanText(clean)).toBe(clean)
      expect(oneLine(text)).not.toMatch(/[\n\t]| {2}|^ | $/)
    }),
  )
})

test('cutting never splits a character', () => {
  fc.assert(
    fc.property(anyText, fc.nat(20), (text, maximum) => {
      expect(Array.from(truncate(text, maximum)).length).toBeLessThanOrEqual(maximum)
      expect(text.startsWith(truncate(text, maximum))).toBe(true)
      expect(cutRoughly(text, maximum).length).toBeLessThanOrEqual(maximum)
      expect(cutRoughly(text, maximum).isWellFormed()).toBe(true)
    }),
  )
})

test('lines are those of splitting at LF, without one after a final LF', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const index = createLineIndex(text)
      const lines = text.split('\n')
      if (lines.at(-1) === '') lines.pop()
      expect(index.lineCount).toBe(lines.length)
      lines.forEach((line, at) => expect(index.text(at + 1, at + 1)).toBe(line))
      for (let offset = 0; offset < text.length; offset += 1) {
        expect(index.lineAt(offset)).toBe(text.slice(0, offset).split('\n').length)
      }
    }),
  )
})

test.each([
  [['A b. C d.'], ['1-1 A b.', '1-1 C d.']],
  [
    ['See e.g. This. Next! Last? "Quoted." End'],
    ['1-1 See e.g. This.', '1-1 Next!', '1-1 Last?', '1-1 "Quoted."', '1-1 End'],
  ],
  [
    ['one', 'two. Three', 'four.'],
    ['1-2 one two.', '2-3 Three four.'],
  ],
  [['v1.2 is. lower case goes on'], ['1-1 v1.2 is. lower case goes on']],
  [['A. **B** c.'], ['1-1 A.', '1-1 **B** c.']],
])('sentences of %j', (lines, expected) => {
  expect(
    splitSentences(lines, 1).map(({ text, startLine, endLine }) => `${startLine}-${endLine} ${oneLine(text)}`),
  ).toEqual(expected)
})
