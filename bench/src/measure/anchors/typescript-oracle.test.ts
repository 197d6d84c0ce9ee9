import { expect, test } from 'vitest'
import { typescriptOracle } from './typescript-oracle.ts'

function symbols(text: string, path = 'a.ts'): string[] | undefined {
  return typescriptOracle
    .symbolsOf(path, text)
    ?.map(({ kind, name, startLine, endLine }) => `${kind} ${name} ${startLine}-${endLine}`)
}

test('declarations with the comments above them, members below', () => {
  expect(
    symbols('/* a */\n// b\nexport const f = () => 1, { g } = h\n\n// far\n\nclass A {\n  x = 1\n  m() {}\n}\n'),
  ).toEqual(['function f 1-3', 'class A 7-10', 'method A.m 9-9'])
})

test('exports, assignments and groups of tests', () => {
  const text =
    "export { a as b, c }\nmodule.exports = class { m() {} }\ndescribe.each([1])('g', () => {\n  it('t', () => {})\n})\n"
  expect(symbols(text, 'a.js')).toEqual([
    'export b, c 1-1',
    'export module.exports 2-2',
    'method module.exports.m 2-2',
    'describe g 3-5',
    'it g.t 4-4',
  ])
})

test('lines end at LF only, and a file with syntax errors has no answer', () => {
  expect(symbols('// a\u2028\nlet x\r\n')).toEqual(['variable x 1-2'])
  expect(symbols('class {{{')).toBeUndefined()
})
