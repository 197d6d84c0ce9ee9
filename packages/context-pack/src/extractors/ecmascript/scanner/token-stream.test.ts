import { expect, test } from 'vitest'

import { Doubt } from './doubt.ts'
import { Source } from './source.ts'
import { TokenStream } from './token-stream.ts'

function tokens(text: string, path = 'a.ts'): string[] {
  const stream = new TokenStream(new Source(text, path))
  const list: string[] = []
  for (; stream.kind !== 'end'; stream.advance()) {
    list.push(`${stream.isOnNewLine ? '↵' : ''}${stream.kind} ${text.slice(stream.start, stream.end)}`)
  }
  return list
}

test('words, numbers, strings, templates and regular expressions', () => {
  expect(tokens("a1 #b 1_0.5e-3 0xe+.5 'c\\'' `${'`'}` = /[/]/g / 2")).toEqual([
    '↵word a1',
    'private #b',
    'number 1_0.5e-3',
    'number 0xe',
    'punctuator +',
    'number .5',
    "string 'c\\''",
    "template `${'`'}`",
    'punctuator =',
    'regexp /[/]/g',
    'punctuator /',
    'number 2',
  ])
})

test('the longest punctuator, but each > alone', () => {
  expect(tokens('>>= => === ?. ?.5 ?? ...').map((token) => token.replace(/^\S+ /, ''))).toEqual([
    '>',
    '>',
    '=',
    '=>',
    '===',
    '?.',
    '?',
    '.5',
    '??',
    '...',
  ])
})

test('line ends count wherever they stand, and a hashbang is none of the text', () => {
  expect(tokens('#!/bin/node ` {\na /*\n*/ b // c\u2028d\re')).toEqual(['↵word a', '↵word b', '↵word d', '↵word e'])
})

test('goes back to a mark as if nothing had been read', () => {
  const stream = new TokenStream(new Source('a /* b */ (c /* d */) e', 'a.ts'))
  stream.advance()
  const mark = stream.mark()
  stream.skipGroup()
  expect(stream.value).toBe('e')
  stream.restore(mark)
  expect([stream.value, stream.isOnNewLine, stream.previousEnd, stream.source.comments.length]).toEqual([
    '(',
    false,
    1,
    1,
  ])
})

test('going back has a budget', () => {
  const stream = new TokenStream(new Source(`(${' '.repeat(1000)})`, 'a.ts'))
  const mark = stream.mark()
  expect(() => {
    for (;;) {
      stream.skipGroup()
      stream.restore(mark)
    }
  }).toThrow(Doubt)
})
