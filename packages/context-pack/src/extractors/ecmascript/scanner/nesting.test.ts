import { describe, expect, test } from 'vitest'

import { Doubt } from './doubt.ts'
import { skipElement, skipGroup, skipTemplate } from './nesting.ts'
import { Source } from './source.ts'

/** What is skipped from the start of the text. */
function skipped(text: string, path = 'a.tsx'): string {
  const source = new Source(text, path)
  const skip = text.startsWith('<') ? skipElement : text.startsWith('`') ? skipTemplate : skipGroup
  return text.slice(0, skip(source, 0))
}

describe('a group ends at its own bracket, whatever stands in', () => {
  test.each([
    ['strings', `{ "}", '\\'}' }`],
    ['templates', '{ `}${ { a: `}` } }` }'],
    ['comments', '{ /* } */ // }\n }'],
    ['a regular expression', '{ a = /[}/]}/; return /}/ }'],
    ['a regular expression after a head', '{ if (a) /}/.test(b) }'],
    ['a regular expression after a block', '{ {} /}/.test(b) }'],
    ['a division', "{ a / b; '}'; c() / 2; ({}) / 2; d++ / 2; e! / 2; f[0] / '}' }"],
    ['a division after an object', "{ a = { b } / '}' / 2 }"],
    ['an element', "{ a = <b c='}'>it's }</b> }".replace('s }', 's')],
    ['a comparison', '{ a < b; c = d <e }'],
    ['type parameters', '{ f = <T,>(a: T) => a; g = (h: <U>(i: U) => void) => 1 }'],
  ])('%s', (_, group) => {
    expect(skipped(`${group} rest }`)).toBe(group)
  })
})

test('elements and templates end at their own end', () => {
  expect(skipped('<a.b-c d={<e/>} {...f}>g {/* } */ `</a>`} <></> </a.b-c> rest')).toBe(
    '<a.b-c d={<e/>} {...f}>g {/* } */ `</a>`} <></> </a.b-c>',
  )
  expect(skipped('<A<T> b="\'" />.c')).toBe('<A<T> b="\'" />')
  expect(skipped('`a${`${"`"}`}b`c`')).toBe('`a${`${"`"}`}b`')
})

test('comments are noted once, in the order of the text, even after a wrong guess', () => {
  const source = new Source('{ /* a */ f = (g: <T>(x: T /* b */) => void) => 1 // c\n }', 'a.tsx')
  skipGroup(source, 0)
  expect(source.comments.map(({ start, end }) => source.text.slice(start, end))).toEqual(['/* a */', '/* b */', '// c'])
})

test.each(['{ (] }', '{ `', '{ "a\n" }', '{ /* }', '{ /a\n/ }', '<a>}</a>', '<a>', `${'['.repeat(2000)}`])(
  'doubts %j',
  (text) => expect(() => skipped(text)).toThrow(Doubt),
)
