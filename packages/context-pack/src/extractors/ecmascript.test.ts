import { readFileSync } from 'node:fs'

import type { Extraction } from '@ctxlock/contracts/extractor'
import { describe, expect, test } from 'vitest'

import { ecmascriptExtractor } from './ecmascript.ts'

const fixture = readFileSync(new URL('./__fixtures__/declarations.ts.txt', import.meta.url), 'utf8')

function extract(text: string, path = 'a.ts'): Extraction {
  const answer = ecmascriptExtractor.extract(text, path)
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer
}

function refusal(text: string, path = 'a.ts'): string {
  const answer = ecmascriptExtractor.extract(text, path)
  return 'refused' in answer ? answer.refused : 'extracted'
}

function anchors(text: string, path?: string): string[] {
  return extract(text, path).anchors.map(
    ({ kind, name, depth, startLine, endLine }) => `${depth} ${kind} ${name} ${startLine}-${endLine}`,
  )
}

describe('a TypeScript module', () => {
  const extraction = extract(fixture)

  test('anchors are its declarations with their comments, and the members of its classes', () => {
    expect(anchors(fixture)).toEqual([
      '0 const LIMIT 9-10',
      '0 const SECRET_WORD 11-11',
      '0 function add 13-16',
      '0 function subtract 18-18',
      '0 interface Amount 20-22',
      '0 type Sign 24-24',
      '0 enum Rounding 26-29',
      '0 class Ledger 31-45',
      '1 method Ledger.post 37-40',
      '1 method Ledger.report 42-42',
      '1 method Ledger.#check 44-44',
      '0 namespace Tools 47-49',
      '1 function Tools.help 48-48',
      '0 namespace other 51-53',
      '1 const other.value 52-52',
      '0 export * from ./all.ts 55-55',
      '0 export a, c 56-56',
      '0 export default 57-57',
    ])
  })

  test('facts are its imports and the signatures of its exports, without the values of strings', () => {
    const facts = extraction.facts?.map(({ text, startLine, endLine }) => `${startLine}-${endLine} ${text}`)
    expect(facts?.slice(0, 4)).toEqual([
      '5-7 imports zod (z); ./currency.ts (Currency); ./side-effect.ts',
      '10-10 export const LIMIT = 1_000_000',
      '11-11 export const SECRET_WORD',
      '14-16 export function add(a: number, b: number): number',
    ])
    expect(facts).toContain('33-45 @sealed export class Ledger extends Map<string, Amount>')
    expect(facts).toContain("55-55 export * from './all.ts'")
  })

  test('constraints and open loops are quoted from comments only', () => {
    expect(extraction.constraints).toEqual([
      { text: 'Amounts MUST be integers.', severity: 'hard', startLine: 3, endLine: 3 },
    ])
    expect(extraction.openLoops).toEqual([
      { text: 'TODO: support more than one currency', startLine: 9, endLine: 9 },
      { text: 'FIXME(anna): overflow', startLine: 37, endLine: 37 },
    ])
    expect(extract("const text = 'You MUST. TODO: x'\n").constraints).toEqual([])
  })

  test('the summary is the comment above the first statement', () => {
    expect(extraction.summary).toBe('Money in minor units. Amounts MUST be integers. They are never rounded.')
    expect(extract('// Copyright 2026\n\n// What it does.\n// And how.\nlet a = 1\n').summary).toBe(
      'What it does. And how.',
    )
    expect(extract('let a = 1\n// later\n').summary).toBeUndefined()
  })
})

describe('other forms', () => {
  test('CommonJS exports', () => {
    const text = 'module.exports = { a }\nexports.run = function run(x) {\n  return x\n}\nA.prototype.b = () => {}\n'
    expect(anchors(text, 'a.cjs')).toEqual([
      '0 export module.exports 1-1',
      '0 export exports.run 2-4',
      '0 assignment A.prototype.b 5-5',
    ])
    expect(extract(text, 'a.cjs').facts?.map(({ text: fact }) => fact)).toEqual([
      'module.exports',
      'exports.run = function run(x)',
    ])
  })

  test('test files', () => {
    const text =
      "describe('sum', () => {\n  test('adds', () => {\n    expect(1)\n  })\n  it.each([1])('is %i', () => {})\n})\n"
    expect(anchors(text)).toEqual(['0 describe sum 1-6', '1 test sum.adds 2-4', '1 it sum.is %i 5-5'])
  })

  test('JSX, Flow, decorators and scripts', () => {
    expect(anchors('export const App = () => <p>{x}</p>\n', 'a.tsx')).toEqual(['0 function App 1-1'])
    expect(anchors('export const App = () => <p>{x}</p>\n', 'a.jsx')).toEqual(['0 function App 1-1'])
    expect(anchors('// @flow\nexport function f(x: ?number) {}\n', 'a.js')).toEqual(['0 function f 1-2'])
    expect(anchors('with (a) { b }\nfunction f() { return 010 }\n', 'a.js')).toEqual(['0 function f 2-2'])
    expect(anchors('#!/usr/bin/env node\nfunction f() {}\n', 'a.mjs')).toEqual(['0 function f 2-2'])
    expect(anchors('export const a: string\n', 'a.d.ts')).toEqual(['0 const a 1-1'])
  })

  test('lines are counted as everybody else counts them, whatever the language takes for a line end', () => {
    expect(anchors('// a\u2028\nfunction f() {}\n')).toEqual(['0 function f 1-2'])
    expect(anchors('// a\u2028b\nfunction f() {}\n')).toEqual(['0 function f 2-2'])
    expect(anchors('let a\r\n\r\nfunction f() {\r\n}\r\n')).toEqual(['0 let a 1-1', '0 function f 3-4'])
  })
})

test('a module of Flow has its types and what it declares as anchors, named as Flow or not', () => {
  const text = [
    'export type A = {| b: 1 |};',
    '/** About c. */',
    'export opaque type C: string = string;',
    'interface D { e(): void }',
    'declare function f(x: number): string;',
    "declare module 'k' {",
    '  declare type L = {| m: 1 |};',
    '  declare export class N {}',
    '}',
    'class P { q(): void {} }',
  ].join('\n')
  const expected = [
    '0 type A 1-1',
    '0 type C 2-3',
    '0 interface D 4-4',
    '0 function f 5-5',
    '0 namespace k 6-9',
    '1 type k.L 7-7',
    '1 class k.N 8-8',
    '0 class P 10-10',
    '1 method P.q 10-10',
  ]
  expect(anchors(text, 'a.js')).toEqual(expected)
  expect(anchors(`${text} // @flow`, 'a.js')).toEqual(expected)
  expect(extract(text, 'a.js').facts?.map((fact) => fact.text)).toContain('export opaque type C: string = string;')
  expect(refusal(text, 'a.ts')).toBe('syntax_error')
})

describe('what is refused', () => {
  test.each([
    ['syntax_error', 'export class {{{'],
    ['too_deep', `x = ${'[\n'.repeat(5000)}`],
    ['lines_too_long', `var a="${'x'.repeat(300_000)}"`],
  ])('%s', (reason, text) => {
    expect(refusal(text)).toBe(reason)
  })

  test('what the parser would find too large or too deep is read by the scanner', () => {
    expect(anchors(`x = ${'-\n'.repeat(100_000)}1\nfunction f() {}`)).toEqual(['0 function f 100002-100002'])
    expect(anchors(`let a\n/*${'.\n'.repeat(600_000)}*/`)).toEqual(['0 let a 1-1'])
  })
})
