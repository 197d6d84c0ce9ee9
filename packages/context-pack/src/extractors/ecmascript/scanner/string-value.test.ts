import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { Doubt } from './doubt.ts'
import { Source } from './source.ts'
import { stringValue } from './string-value.ts'
import { TokenStream } from './token-stream.ts'

const valueOf = (text: string): string => stringValue(new TokenStream(new Source(text, 'a.ts')))

test.each([`'a"b'`, `"\\n\\t\\\\\\'\\q"`, `'\\u0041\\u{1F600}\\x41'`, `'a\\\nb\\\r\nc'`])(
  '%j says what the language says',
  (text) => {
    // The text is ours: the language itself is the judge.
    expect(valueOf(text)).toBe(runInNewContext(text))
  },
)

test.each([`'\\101'`, `'\\u12'`, `'\\u{110000}'`, 'a'])('%j is left to the parser', (text) => {
  expect(() => valueOf(text)).toThrow(Doubt)
})
