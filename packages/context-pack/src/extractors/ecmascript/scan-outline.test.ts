// The parser is the judge: whatever the scanner accepts must give the outline that the syntax tree gives.
import { globSync, readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseOutline } from './babel-outline.ts'
import { programs } from './__fixtures__/programs.ts'
import { scanOutline } from './scan-outline.ts'

const repository = new URL('../../../../../', import.meta.url)

function expectSame(text: string, path: string): void {
  const scanned = scanOutline(text, path)
  expect(scanned, `the scanner to be sure of ${path}`).toBeDefined()
  expect(scanned).toEqual(parseOutline(text, path))
}

/** Each is one file; what is difficult about them is in the name. */
const MODULES: readonly (readonly [what: string, path: string, text: string])[] = [
  [
    'regular expression or division',
    'a.js',
    'a = b / c / d\nif (x) /}/.test(y)\nlet r = /[/{]\\/"/g, s = a++ / 2, t = (1) / 2\n{}\n/`/.exec(q)\nfunction f() { return /{/ }\nx = { a: 1 } / 2\n',
  ],
  ['a property called like a keyword', 'a.js', 'let x = a.return / 2 / b\nfunction f() { x = y.typeof / 3 }\n'],
  [
    'nested templates',
    'a.ts',
    'export const a = `x${`}${{ b: `\\`${1}` }.b}`}y`\nconst b = tag`{`\nfunction f() { return `${a /* } */}` + "}" }\n',
  ],
  [
    'JSX text, attributes, children',
    'a.tsx',
    "export const A = () => <p title='}' {...x} data-a=\"{\">it's {b ? <b>{`}`}</b> : <></>} // no {/* a comment */} <Foo<T> x={<i/>} /></p>\nfunction B() {\n  return (\n    <A.B c:d='e'>\n      don't\n    </A.B>\n  )\n}\n",
  ],
  [
    'JSX after operators',
    'a.jsx',
    'const a = x && <a/>, b = y ? <b>{"<"}</b> : <c>)</c>\nlet c = [<d key="]"/>, 1 < 2]\nfunction f(x) { return x < y && x > z }\n',
  ],
  [
    'type parameters beside JSX',
    'a.tsx',
    'const f = <T,>(x: T) => x\nconst g = <T extends {}>(x: T) => <p>{x}</p>\nclass C { m<T>(x: T): Array<T> { return [] as Array<T> } }\ntype F = <T>(x: T) => void\nfunction h(cb: <T>(x: T) => void) { return a < b }\ninterface I { <T>(x: T): void; y: <T>() => T }\n',
  ],
  [
    'generics or comparison',
    'a.ts',
    'const a = f<A, B>(1), b = c < d, e = g<h, i>\nconst m = new Map<string, () => void>()\nlet x = a < b && c > d, y = (p < q) ? r : s\nconst z = a >= b, w = a >>> b, v = a >>= 1\n',
  ],
  [
    'arrow functions',
    'a.ts',
    'const a = async (x) => x\nconst b = async x => { x }\nconst c = (x: number): x is 5 => true, d = <T>(x: T): { a: T } => ({ a: x })\nconst e = x ? (y) : z\nconst g = (): (() => void) => h\nconst i = async <T>(x: T): Promise<T> => x\nconst j = (\n  // args\n  x: Array<\n    string,\n    number\n  >,\n): Map<\n  string,\n  number\n> => {}\nconst k = (() => 1)()\nconst l = function () {}.bind(x)\n',
  ],
  [
    'statements without semicolons',
    'a.ts',
    'let a = 1\nlet b = a\n  + 2\n;[1].map(x)\nconst f = () => {}\n(1)\nfoo\n  .bar()\n  ?.baz\nlet c\n++a\nlet d = !a\n!b\ntype T = A\n  | B\ntype U = string\nlet e = a as T\nlet g = x!\nabstract class C {\n  a = 1\n  b\n  c: string\n  d = () => {}\n  static\n  e() {}\n  get\n  f() { return 1 }\n  [x] = 2;\n  *g() {}\n}\n',
  ],
  [
    'types over several lines',
    'a.ts',
    'type A<T> =\n  T extends infer U extends string\n    ? { a: U }\n    : T extends (x: infer V) => void\n      ? keyof V\n      : never\nexport type B = typeof import("./x").y[] | (new () => A<1>) | `a${string}`\ntype C = {\n  readonly [K in keyof D as `x${K}`]?: D[K]\n}\nlet x: unique symbol, y: A<B<C>>= z\ntype G = (a?: 1, ...b: []) => asserts a is 2\ntype H = z.infer<typeof q>[number]["a"]\n',
  ],
  [
    'declarations',
    'a.ts',
    'export enum E { A = 1 }\nconst enum F { B }\ndeclare enum G {}\nexport abstract class C<T = {}> extends B<{ a: T }> implements I<T>, J {}\nexport declare function f(x: number): asserts x\ndeclare const a: 1, b: 2\ndeclare let c: string\ndeclare abstract class D {}\nclass D2 extends B.c(d)[e] {}\nexport interface I<T> extends J<T>, K.L {}\nexport declare namespace N.M { const x: 1; function y(): void; namespace Z {} class Q { r(): void } }\nnamespace P { export const a = () => 1; interface B {} }\ndeclare module "m" { export default x; export const y: 1 }\ndeclare module "empty"\ndeclare global { var g: 1 }\n',
  ],
  [
    'overloads',
    'a.ts',
    'export function f(a: 1): { b: 2 }\nexport function f(a: 3): 4;\nexport function f(a: any) { return a }\nabstract class C {\n  m(): void\n  m(x?: 1): void;\n  m(x?: any) {}\n  constructor()\n  constructor(private a?: B) {}\n  abstract n(): { a: 1 };\n}\nexport default function g(): void\nexport default function g() {}\n',
  ],
  [
    'members',
    'a.ts',
    'class C extends B {\n  static { x }\n  @dec() @dec.b(1) private static async *gen<T>() {}\n  get a() { return 1 }\n  set a(v) {}\n  #p = () => {}\n  async #q() {}\n  static #r\n  "quoted name"() {}\n  5() {}\n  [computed]() {}\n  [key: string]: any\n  static async = 1\n  get = 2\n  set() {}\n  static static() {}\n  readonly f = function () {}\n  declare d: string\n  override o?(): void\n  p! : string\n  p2: string = a ? b : c\n  q = async () => { await x }\n  r = class { s() {} }\n  "t" = x => x;\n  public\n  u() {}\n}\n',
  ],
  [
    'class expressions',
    'a.js',
    'const A = class { m() {} }\nmodule.exports = class B extends A { n() {} }\nexports.c = class {}, d\nconst E = new (class { o() {} })()\nconst F = class { p() {} }.q\n',
  ],
  [
    'assignments',
    'a.js',
    "'use strict'\n// about\nexports.a = exports.b = function () {}\nmodule.exports.c = async function* d() {}\nA.prototype.e = (x) => {\n}\nthis.f = 1\na['g'] = 2\na.h += 3\na.i = 1, a.j = 2\na.b.c.d.e.f.g.h = 1\na.b.c.d.e.f.g.h.i = 1\nx = 5;\n(a.l) = 6\n",
  ],
  [
    'imports',
    'a.ts',
    "import a from 'a'\nimport * as b from 'b';\nimport c, { d, e as f, type g, default as h, 'i-j' as k } from 'c' with { type: 'json' }\nimport d2, * as e2 from 'd'\nimport type T from 't'\nimport type { U } from 'u'\nimport type, { x } from 'w'\nimport 'side'\nimport eq = require('eq')\nimport type eq2 = require('eq')\nimport q = A.B\nimport('./dynamic').then(x)\nimport.meta.url\n",
  ],
  [
    'exports',
    'a.ts',
    "export * from 'a'\nexport * as b from 'b'\nexport { c, d as e, type f, default as g, h as 'i j' } from 'c';\nexport type { j } from 'd'\nexport type * from 'e'\nexport {}\nexport { k as default }\nexport import l = m.n\nexport as namespace o\nexport @dec class P {}\n@dec() export class Q {}\n@dec export default class R { m() {} }\n",
  ],
  ['a default export that is a function', 'a.ts', 'export default async (x) => {\n  x\n}\n'],
  ['a default export that is a name', 'a.ts', 'export default foo;\n'],
  ['a default export that is a value', 'a.ts', 'export default { a: 1, b() {} } satisfies X\n'],
  ['a default export in parentheses', 'a.js', 'export default (function () {})\n'],
  ['a default export that is a named class', 'a.ts', 'export default abstract class A extends B { c() {} }\n'],
  ['a default export that is an interface', 'a.ts', 'export default interface A { b: 1 }\n'],
  ['export =', 'a.cts', 'const a = 1\nexport = a\n'],
  [
    'tests',
    'a.test.ts',
    "describe('a \\'b\\' \\u0041\\n', () => {\n  const x = 1\n  beforeEach(() => {})\n  it('c', async () => { describe('no', () => {}) })\n  test.each([1])('d %i', { timeout: 1 }, function () {})\n  describe('e', () => { it('f', () => {}) })\n  it.each`x`('g', () => {})\n  it(`h`, () => {})\n  x.y = 1\n})\ndescribe.skip('i', { retry: 2 }, async function () { test('j') }, 500)\nsuite('k', { a: 1 }, () => { it('l', () => {}) },)\ntest<T>('m', () => {})\ntest('n' + o, () => {})\ncontext('p', x)\ndescribe('q', () => it('r'))\ntest('s').t()\nit('u', () => {}) || v\ndescribe?.('w', () => {})\ndescribe(\n  'x',\n  (): void => {\n    it('y', () => {})\n  },\n)\n",
  ],
  [
    'statements that declare nothing',
    'a.js',
    'if (a) b; else if (c) { function no() {} } else for (const x of y) z()\nouter: for (;;) break outer\nwhile (a) /re/.test(b)\ndo { var no } while (a) let yes\ntry { a } catch { b } finally { c }\ntry {} catch (e) {}\nswitch (a) { case 1: { b } default: c }\nthrow a\nvar z = 1\n;;\n{ let no }\n',
  ],
  [
    'comments between tokens',
    'a.ts',
    '/* a */ export /* b */ const /* c */ x /* d */ = /* e */ 1 // f\n/**\n * g\n */\n// h\nfunction /* i */ f /* j */ () /* k */ {} /* l */\nlet y = a // not the end\n  .b /* multi\nline */ let z\nreturn // r\n/re/\n',
  ],
  [
    'a hashbang, a byte order mark, CRLF, odd line ends',
    'a.js',
    "#!/usr/bin/env node\r\n'use strict';\r\n// a\u2028let b = 1\u2029/* c */ function d() {\r\n}\r\nlet s = 'a\\\r\nb\u2028'\r\n",
  ],
  ['a byte order mark', 'a.ts', '\uFEFF// a\nexport const b = 1\n'],
  ['names outside ASCII', 'a.ts', 'export const größe = 1, 名 = () => 2\nclass Ω { é() {} }\u00a0\n'],
  [
    'numbers',
    'a.ts',
    'let a = 1_000.5e-3 / 2, b = 0xe+1, c = 5n, d = .5, e = 1..toFixed() / 2, f = a?.5:1\nconst g = -1, h = true, i = (1)\n',
  ],
  [
    'contextual words as names',
    'a.ts',
    'type = 1\nlet async = 1, of = 2, get = 3\nasync()\nnamespace.x = 1\nabstract(1)\ndeclare\nfoo\nconst as = from as any\nmodule.exports.y = let_\nvar type, from\nasync (x) => 1\n',
  ],
  ['patterns', 'a.ts', "const { a, b: [c] = [/}/] } = require('x'), d = 1\nlet [e, ...f] = g\nvar h\n"],
  ['an empty file', 'a.ts', ''],
  ['comments only', 'a.ts', '// a\n/* b */'],
  [
    'ambient',
    'a.d.ts',
    'export declare const a: string\ndeclare function b(x: number): string\nexport default class C { d(): void; readonly e: () => void }\nexport const f: <T>(x: T) => T\n',
  ],
]

describe('equals the outline of the syntax tree', () => {
  test.each(MODULES)('%s', (_, path, text) => expectSame(text, path))

  test.each(MODULES)('%s, with CRLF', (_, path, text) => expectSame(text.replaceAll(/\r?\n/g, '\r\n'), path))

  test('for the sources of this repository', () => {
    const paths = globSync('packages/context-pack/src/**/*.ts', { cwd: repository })
    expect(paths.length).toBeGreaterThan(50)
    for (const path of paths) expectSame(readFileSync(new URL(path, repository), 'utf8'), path)
  })

  test('for generated programs', () => {
    fc.assert(
      fc.property(programs, ({ path, text }) => expectSame(text, path)),
      { numRuns: 300, seed: 20261121 },
    )
  })

  test('for whatever is left of a module that was cut or spliced, when it accepts that', () => {
    const pieces = fc.tuple(fc.nat(MODULES.length - 1), fc.nat(1000), fc.nat(1000), fc.nat(MODULES.length - 1))
    let compared = 0
    fc.assert(
      fc.property(pieces, ([index, from, length, other]) => {
        const [, path = 'a.ts', text = ''] = MODULES[index] ?? []
        const [, , insert = ''] = MODULES[other] ?? []
        const spliced = text.slice(0, from) + insert.slice(from, from + (length % 40)) + text.slice(from)
        const scanned = scanOutline(spliced, path)
        const parsed = scanned && parseOutline(spliced, path)
        // What the parser refuses has no right answer; the scanner may still find what is whole.
        if (!parsed || 'refused' in parsed) return
        expect(scanned).toEqual(parsed)
        compared += 1
      }),
      { numRuns: 300, seed: 20261121 },
    )
    expect(compared).toBeGreaterThan(150)
  })
})

describe('is in doubt', () => {
  test.each([
    ['brackets that do not match', 'function f() { (] }'],
    ['a bracket without end', 'class A {{{'],
    ['a string without end', "let a = 'b\nlet c"],
    ['two operands side by side', 'let a = b c'],
    ['a regular expression without end', 'let a = /b\n/'],
    ['a declaration without a name', 'function () {}\nclass 5 {}'],
    ['an escape in a name', 'let \\u0061 = 1'],
    ['Flow', '// @flow\ntype A = {| b: 1 |}'],
    ['an element without end', 'let a = <b>{c}'],
  ])('%s', (_, text) => expect(scanOutline(text, 'a.js')).toBeUndefined())
})

describe('hostile text takes linear time and no stack', () => {
  const SIZE = 300_000
  test.each([
    ['x = ', '-\n', '1'],
    ['x = ', '(', ''],
    ['x = ', '`${', ''],
    ['x = ', '<a>', ''],
    ['x = ', '<a b={', ''],
    ['', '<T>(', ''],
    ['x = ', 'a<', 'b'],
    ['x = ', 'a<b,', 'c'],
    ['type A = ', 'B<', ''],
    ['type A = ', 'B extends C ? ', ''],
    ['', '/', ''],
    ['x ', '/*', ''],
    ['', '/**/ / ', ''],
    ['', 'if (a) ', 'b'],
    ['', 'do ', 'b'],
    ['', 'a: ', 'b'],
    ['', 'describe("a", () => {', ''],
    ['', 'describe("a", x)', ''],
    ['class A { ', 'static ', '}'],
    ['', 'class A { b = ', ''],
    ['', '@a', ''],
    ['', 'namespace A {', ''],
    ['', 'async ', ''],
    ['x = ', 'function () {', ''],
    ['import ', '{ a as ', ''],
    ['', 'a.b = ', '1'],
    ['"', '\\', ''],
    ['x = 1', '\u2028 ', ''],
  ])('%j %j …', (head, repeated, tail) => {
    const text = head + repeated.repeat(SIZE / repeated.length) + tail
    const start = process.threadCpuUsage()
    for (const path of ['a.ts', 'a.tsx', 'a.js']) scanOutline(text, path)
    // Quadratic work over 300,000 characters would take minutes.
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(10_000)
  })
})
