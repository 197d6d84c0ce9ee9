import { describe, expect, test } from 'vitest'

import { Source } from './source.ts'
import { TokenStream } from './token-stream.ts'
import { scanType, takeTypeArguments } from './types.ts'

describe('a type ends', () => {
  test.each([
    ['A<B<C>>', '= d'],
    ['A | B & C[]', ', d'],
    ['{ a: 1 }', '{ body }'],
    ['a is { b: 1 }', '{ body }'],
    ['(() => void)', '=> body'],
    ['(a: 1) => b', '=> body'],
    ['<T>(a: T) => T', '= d'],
    ['abstract new () => A', ';'],
    ['A extends B ? C : D extends E ? F : G', ': h'],
    ['typeof import("./a").b["c"]', '; d'],
    ['z.infer<typeof a>', '\nb'],
    ['keyof A', '\n[b]'],
    ['A\n  | B', '\n(c)'],
    ['`a${B}`', '\nc'],
    ['-1', ')'],
    ['asserts', ', b'],
    ['A', 'as B'],
  ])('%s before %j', (type, rest) => {
    const tokens = new TokenStream(new Source(`${type} ${rest}`, 'a.ts'))
    scanType(tokens)
    expect(tokens.previousEnd).toBe(type.length)
  })
})

test.each([
  ['<A, B>(c)', true],
  ['<A>`b`', true],
  ['<() => void>;', true],
  ['<A>\nb', true],
  ['< a && b > c', false],
  ['< a > b', false],
  ['< a', false],
])('%s are type arguments: %s', (text, expected) => {
  const tokens = new TokenStream(new Source(text, 'a.ts'))
  expect(takeTypeArguments(tokens)).toBe(expected)
  if (!expected) expect(tokens.value).toBe('<')
})
