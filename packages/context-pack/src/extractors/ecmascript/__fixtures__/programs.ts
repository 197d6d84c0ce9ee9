// Programs for the property test: made from a grammar in which every statement is valid wherever it stands.
import fc from 'fast-check'

const name = fc.constantFrom('a', 'bé', '$c', 'type', 'of', 'async', 'x1')
const text = fc.constantFrom("'}'", '"//"', '`{${1}`', '`${`${a}`}`', "'it\\'s'")
const comment = fc.constantFrom('', ' ', '\n', ' // c }\n', '/* { */', '\n/**\n * d\n */\n')
const literal = fc.oneof(text, fc.constantFrom('1', '0xff', 'true', '/[/}]{/g', '5n', 'null'))

const joined = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((list) => list.join(''))

const { expression } = fc.letrec<{ expression: string; group: string }>((tie) => ({
  group: fc.oneof(
    joined('(', tie('expression'), ')'),
    joined('[', tie('expression'), ', ', tie('expression'), ']'),
    joined('{ a: ', tie('expression'), ', b() { return ', tie('expression'), ' } }'),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    name,
    joined(name, ' / ', fc.oneof(literal, name, tie('group')), ' / 2'),
    joined(name, ' < ', fc.oneof(literal, name, tie('group'))),
    joined('(', tie('expression'), ')', ' ? ', tie('expression'), ' : ', tie('expression')),
    joined('f(', tie('expression'), ')', comment, '.b'),
    joined('(x', ') => ', tie('group').map((group) => (group.startsWith('{') ? `(${group})` : group))),
    joined('async (x) => {', comment, 'return ', tie('expression'), '}'),
    joined('function () {', comment, 'return ', tie('expression'), '}'),
    joined('!', tie('group')),
    tie('group'),
  ),
}))

const type = fc.constantFrom('A', 'B<C, D<E>>', '{ a: 1; b(): void }', '(x: A) => B', "'x' | `y${A}`", 'A[]', 'typeof a')

const field = fc.oneof(
  joined('m(x) { return ', expression, ' }'),
  joined('static async *n() {}'),
  joined('get g() { return ', expression, ' }'),
  joined("'q' = (x) => ", name, ';'),
  joined('[', name, '] = ', expression, ';'),
)
const typedField = fc.oneof(
  field,
  joined('private r: ', type, ';'),
  joined('abstract s(x: ', type, '): ', type, ';'),
)

const plain: readonly fc.Arbitrary<string>[] = [
  joined(fc.constantFrom('const', 'let', 'var'), ' v§ = ', expression, fc.constantFrom(';', '\n')),
  joined('let v§ = ', expression, ', w§', ';'),
  joined('function f§(x = ', expression, ') {', comment, '}'),
  joined('class C§ extends (', expression, ') {', comment, '#p = ', expression, ';', field, '\n', field, '}'),
  joined('a.b = ', expression, ';'),
  joined('exports.b = ', expression, ';'),
  joined("describe('d', () => {", comment, "it('e', () => {", comment, '})', comment, '});'),
  joined('if (', expression, ') {', comment, '}'),
  joined('(', expression, ');'),
]
const typed: readonly fc.Arbitrary<string>[] = [
  joined('export type T§<U = {}> = ', type, ';'),
  joined('export interface I§ extends J<K> {', comment, 'a: ', type, '}'),
  joined('export const v§: ', type, ' = (', expression, ') as ', type, ';'),
  joined('declare function f§(x: ', type, '): ', type, fc.constantFrom(';', '\n')),
  joined('abstract class C§<T> implements I<T>, J {', comment, typedField, '\n', typedField, '}'),
  joined('namespace N§ {', comment, 'export const a = ', expression, ';}'),
  joined('export enum E§ { A = 1 }'),
]
const module: readonly fc.Arbitrary<string>[] = [
  joined("import a§, { b as c§ } from 'd'", fc.constantFrom(';', '\n')),
  joined('export { a as b§ }', fc.constantFrom(';', '\n')),
  joined("export * from 'd';"),
]

/** A file of a few statements with comments between them. */
export const programs = fc
  .boolean()
  .chain((isTyped) =>
    fc.record({
      path: fc.constantFrom(...(isTyped ? ['a.ts', 'a.mts', 'a.tsx'] : ['a.js', 'a.mjs', 'a.jsx'])),
      text: fc
        .array(fc.tuple(comment, fc.oneof(...plain, ...module, ...(isTyped ? typed : []))), { maxLength: 6 })
        .map((statements) =>
          // Names must differ from statement to statement.
          statements.map(([before, statement], index) => `${before}\n${statement.replaceAll('§', `${index}`)}`).join('\n'),
        ),
    }),
  )
