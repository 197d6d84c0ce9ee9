import { expect, test } from 'vitest'

import { visibleText } from './visible-text.ts'

test.each([
  ['a terminal is not driven', 'a\u001b[2Jb\u007f\r', 'a␛[2Jb␡␍'],
  ['nor by the controls of eight bits', 'a\u009b2J\u009d0;title\u009c', 'a<U+009B>2J<U+009D>0;title<U+009C>'],
  ['nothing is reordered', 'a\u202Egpj\u2066b\u2069', 'a<U+202E>gpj<U+2066>b<U+2069>'],
  ['no line is broken that is none', 'a\u2028b\u2029', 'a<U+2028>b<U+2029>'],
  ['nothing is unseen', 'a\u200Bb\u{E0041}\uFEFF\u00AD', 'a<U+200B>b<U+E0041><U+FEFF><U+00AD>'],
  [
    'ordinary text stays',
    'Übung\tمى\u200C \u{1F469}\u200D\u{1F4BB} ⚠\uFE0F\n',
    'Übung\tمى\u200C \u{1F469}\u200D\u{1F4BB} ⚠\uFE0F\n',
  ],
])('%s', (_, text, shown) => {
  expect(visibleText(text)).toBe(shown)
})
