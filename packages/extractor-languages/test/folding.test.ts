import type { Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'
import { describe, expect, test } from 'vitest'

import { GRAMMARS } from '../src/grammars/grammar-table.ts'
import { cRules } from '../src/languages/c.ts'
import { cppRules } from '../src/languages/cpp.ts'
import { csharpRules } from '../src/languages/csharp.ts'
import { goRules } from '../src/languages/go.ts'
import { javaRules } from '../src/languages/java.ts'
import { kotlinRules } from '../src/languages/kotlin.ts'
import { phpRules } from '../src/languages/php.ts'
import { pythonRules } from '../src/languages/python.ts'
import { rustRules } from '../src/languages/rust.ts'
import { swiftRules } from '../src/languages/swift.ts'
import type { LanguageRules } from '../src/tree/language-rules.ts'
import { extractTree } from '../src/tree/tree-extraction.ts'
import { loadParser } from '../src/tree/tree-extractor.ts'
import { EXAMPLES } from './examples.ts'

const LANGUAGES: Readonly<Record<string, readonly [keyof typeof GRAMMARS, LanguageRules]>> = {
  c: ['c', cRules],
  cpp: ['cpp', cppRules],
  cs: ['csharp', csharpRules],
  go: ['go', goRules],
  java: ['java', javaRules],
  kt: ['kotlin', kotlinRules],
  php: ['php', phpRules],
  py: ['python', pythonRules],
  rs: ['rust', rustRules],
  swift: ['swift', swiftRules],
}

/** What a folded text gives, and what the whole of it gives. */
async function both(ending: string, text: string): Promise<Record<'folded' | 'whole', Extraction | ExtractionRefusal>> {
  const [grammar, rules] = languageOf(ending)
  const parser = await loadParser(GRAMMARS[grammar])
  const { fold: _, ...withoutFolds } = rules
  const path = `a.${ending}`
  return { folded: extractTree(text, path, parser, rules), whole: extractTree(text, path, parser, withoutFolds) }
}

/** What is left for the parser, with `…` for what is not. */
function kept(ending: string, text: string): string | undefined {
  const folds = languageOf(ending)[1].fold?.(text)
  return folds?.kept.map(({ startIndex, endIndex }) => text.slice(startIndex, endIndex)).join('…')
}

function languageOf(ending: string): readonly [keyof typeof GRAMMARS, LanguageRules] {
  const language = LANGUAGES[ending]
  if (!language) throw new Error(`no language for ${ending}`)
  return language
}

const LONG = 'and more and more and more and more and more and more'

/** A body with what could be taken for its end, and remarks that must still be found. */
const PROGRAMS: readonly (readonly [ending: string, name: string, text: string, kept: string])[] = [
  [
    'go',
    'strings',
    `func a() {\n  x := "}" + \`}"\` + string('}') // ${LONG}\n}\nfunc b() {}\n`,
    'func a() {…}\nfunc b() {}\n',
  ],
  ['go', 'interfaces', `type A interface {\n  B() // ${LONG}\n}\n`, ''],
  [
    'java',
    'strings',
    `class A {\n  /* class { */ String a() { return "\\"}" + '}' + """\n } " """; /* } ${LONG} */ }\n}\n`,
    'class A {\n  /* class { */ String a() {…}\n}\n',
  ],
  [
    'java',
    'annotations',
    `@A({"${LONG}"}) class B {\n  int c() { return 1; }\n}\n`,
    '@A({…}) class B {\n  int c() { return 1; }\n}\n',
  ],
  [
    'cs',
    'strings',
    `class A {\n  string B() { return $"{(c ? "}" : @"\\")} {{" + @"}""" + """ " } """ + '}'; // ${LONG}\n  }\n}\n`,
    'class A {\n  string B() {…}\n}\n',
  ],
  [
    'cs',
    'directives',
    `class A {\n#region don't\n  int B() {\n#if X // can't }\n    var c = "${LONG}";\n#endif\n    return 1; }\n#endregion\n}\n`,
    "class A {\n#region don't\n  int B() {…}\n#endregion\n}\n",
  ],
  [
    'rs',
    'characters',
    `impl<'a> A<'a> {\n  fn b(c: &'a str) -> char { let d = '}'; let e = '\\''; let f = r#"}"#; '{' /* /* } */ ${LONG} */ }\n}\n`,
    "impl<'a> A<'a> {\n  fn b(c: &'a str) -> char {…}\n}\n",
  ],
  [
    'rs',
    'arrays',
    `impl A for [u8; 4] {\n  fn b(&self) -> [u8; 2] { [0; 2] /* ${LONG} */ }\n}\n`,
    'impl A for [u8; 4] {\n  fn b(&self) -> [u8; 2] {…}\n}\n',
  ],
  [
    'rs',
    'constants in types',
    `impl A<{ 1 }> for B {\n  fn c() { /* ${LONG} */ }\n}\n`,
    'impl A<{ 1 }> for B {\n  fn c() {…}\n}\n',
  ],
  [
    'kt',
    'templates',
    `class A : B({ c -> c }) {\n  fun d() = e { "\${if (f) "}" else """}"""}" /* ${LONG} */ }\n}\n`,
    'class A : B({ c -> c }) {\n  fun d() = e {…}\n}\n',
  ],
  [
    'swift',
    'interpolation',
    `class A {\n  class func b() -> String { return "\\(c ? "}" : "{")" + #"\\(" }"# // ${LONG}\n  }\n}\n`,
    'class A {\n  class func b() -> String {…}\n}\n',
  ],
  [
    'swift',
    'a raw quote',
    `class A {\n  func b() { c(#"""#) } // ${LONG}\n  func d() { e(#"""\n  } " ${LONG}\n  """#) }\n}\n`,
    `class A {\n  func b() { c(#"""#) } // ${LONG}\n  func d() {…}\n}\n`,
  ],
  [
    'cpp',
    'raw strings',
    `namespace a {\nint b() { auto c = R"x(}" )x"; return 1'000 + '}'; // ${LONG}\n}\n}\n`,
    'namespace a {\nint b() {…}\n}\n',
  ],
  [
    'c',
    'macros',
    `#define A(b) { \\\n  b\nint c(void) { return '}'; /* ${LONG} */ }\n`,
    '#define A(b) { \\\n  b\nint c(void) {…}\n',
  ],
  [
    'php',
    'comments',
    `<?php\nuse A\\{B, ${'C'.repeat(60)}};\nclass D {\n  #[E('}')]\n  function f() { # don't }\n    return "}\n" . '\\'}'; // ${LONG}\n  }\n}\n`,
    `<?php\nuse A\\{B, ${'C'.repeat(60)}};\nclass D {\n  #[E('}')]\n  function f() {…}\n}\n`,
  ],
  [
    'php',
    'conditions',
    `<?php\nif (! function_exists('a')) {\n  function a() { return '${LONG}'; }\n} elseif (b(function () { return '${LONG}'; })) {\n  class C { const D = 1; }\n} else {\n  function e() {}\n}\n`,
    `<?php\nif (! function_exists('a')) {\n  function a() {…}\n} elseif (b(function () {…})) {\n  class C { const D = 1; }\n} else {\n  function e() {}\n}\n`,
  ],
  ['php', 'text', `<?php if (a) { ?> don't ${LONG} <?php } ?>`, ''],
  ['php', 'heredocs', `<?php\nfunction a() { $b = <<<C\n} ${LONG}\nC;\n}\n`, ''],
  [
    'py',
    'statements',
    `def a():\n    """Says."""\n    b = "${LONG}"\n    c = 1\n    return ')'  # (\n\nd = 1\n`,
    'def a():\n    """Says."""…\n    return \')\'  # (\n\nd = 1\n',
  ],
  [
    'py',
    'blocks',
    `def a():\n    if b:\n        c()\n    # ${LONG}\n    for d in e:\n        f()\n        g("${LONG}")\n        h()\n`,
    'def a():\n    if b:\n        c()…\n    for d in e:\n        f()…\n        h()\n',
  ],
  [
    'py',
    'clauses',
    `def a():\n    try:\n        b("${LONG}")\n    finally:\n        c()\n`,
    'def a():\n    try:\n        b(…)\n    finally:\n        c()\n',
  ],
  [
    'py',
    'brackets',
    `A = ["${LONG}"]\nB = A["${LONG}"]\nfrom c import (${LONG.replaceAll(' ', '_')})\n`,
    `A = […]\nB = A["${LONG}"]\nfrom c import (${LONG.replaceAll(' ', '_')})\n`,
  ],
]

describe('what the parser need not read', () => {
  test.each(PROGRAMS)('%s: %s', async (ending, _, text, left) => {
    expect(kept(ending, text) ?? '').toBe(left)
    const { folded, whole } = await both(ending, text)
    expect(whole).toHaveProperty('anchors')
    expect(folded).toEqual(whole)
  })

  test.each(['{', '}', 'class A { void b() { "', 'class A { /* '])('nothing is left out of %s', (text) => {
    expect(kept('java', text + LONG)).toBeUndefined()
  })

  test.each(['def a():\n    b("', 'def a():\n    b)', "def a():\n    '''", 'def a():\n    (b'])(
    'nothing is left out of %s',
    (text) => {
      expect(kept('py', `${text}\n    ${LONG}\n    c\n`)).toBeUndefined()
    },
  )
})

test.each([
  [
    'cpp',
    'API_BEGIN_NAMESPACE\n\n// of all\nnamespace a {\nAPI_EXPORT\nclass B {\n  A_OBJECT(b)\n public:\n  void c();\n};\n}\nAPI_END\n',
    'namespace a, class a.B, method a.B.c',
  ],
  [
    'cpp',
    'class API_EXPORT(1) A final : public B { void c(); };\nstruct API_B c::D<int> { };\nclass FINAL_A final { };\n',
    'class A, method A.c, struct c.D, class FINAL_A',
  ],
  ['cpp', 'enum A { A_B,\n A_C\n};\nA_TYPE\nd() { }\n', 'enum A, function d'],
  [
    'cpp',
    'TEST_CASE("a", "[b]") {\n  c();\n}\nnamespace d { TEST(E, f) { } }\n',
    'function TEST_CASE("a", "[b]"), namespace d, function d.TEST',
  ],
  [
    'cpp',
    'class A {\n  void b() const A_LOCKED(c) A_HOT {\n    d();\n  }\n  int e A_GUARDED_BY(c) = 1;\n  A_LIST(f)\n  A_TEST(g) {\n  }\n  int h()\n      A_LOCKED(c);\n};\nvoid A_TOO(int b);\n// (c)\nA_TEST(d) {\n}\n',
    'class A, method A.b, method A.A_TEST, method A.h, function A_TOO, function A_TEST',
  ],
  [
    'c',
    'void checked(1, 2) a(const char *, ...);\nstatic int checked(1, 0)\nb(int c) {\n}\n',
    'function a, function b',
  ],
  [
    'c',
    '__BEGIN_DECLS\n\nstruct a { int b; };\nA_LOCAL\nstatic int c(void) { return 1; }\nTEST(d, e) {\n  f();\n}\n__END_DECLS\n',
    'struct a, function c, function TEST(d, e)',
  ],
])('macros that no parser knows, in %s: %s', async (ending, text, declared) => {
  const { folded } = await both(ending, text)
  expect('refused' in folded ? folded : folded.anchors.map(({ kind, name }) => `${kind} ${name}`).join(', ')).toBe(
    declared,
  )
})

/** What no grammar holds: the parser would lose the rest of the file, or of the class. */
test.each([
  [
    'c',
    'two heads of one body',
    `#ifdef A\nint a(int b) {\n#elif B\nint a(long b) {\n#else\nint a(void) {\n#endif\n  c(); // ${LONG}\n}\nint d;\n`,
    '…\nint a(int b) {…}\nint d;\n',
    '2-9 function a, 10-10 variable d',
  ],
  [
    'c',
    'two ends of one body',
    `int a(void) {\n  if (b) { // ${LONG}\n#if A\n  }\n}\n#else\n  } c(); }\n#endif\nint d;\n`,
    'int a(void) {…}\n……\nint d;\n',
    '1-5 function a, 9-9 variable d',
  ],
  [
    'c',
    'a brace in either branch',
    `int a(void) {\n#if A\n  if (b) {\n#else /* } */\n  if (c) {\n# if B\n# endif\n#endif\n  d(); // ${LONG}\n  }\n}\nint e;\n`,
    'int a(void) {…}\nint e;\n',
    '1-11 function a, 12-12 variable e',
  ],
  [
    'c',
    'a value',
    'int a[] =\n#ifdef B\n  { 1 };\n#else\n  { 2 };\n#endif\nA_LIST(b)\n#ifdef C\nint c;\n#else\nlong c;\n#endif\n',
    'int a[] =\n…\n  { 1 };\n……\n…\n#ifdef C\nint c;\n#else\nlong c;\n#endif\n',
    '1-3 variable a, 9-9 variable c, 11-11 variable c',
  ],
  [
    'c',
    'linkage',
    '#ifdef __cplusplus\nextern "C" {\n#endif\nint a;\n#ifdef __cplusplus\n}\n#endif\n',
    '…\nextern "C" {\n…\nint a;\n…\n}\n…\n',
    '4-4 variable a',
  ],
  [
    'cpp',
    'initialisers',
    'class A {\n public:\n#if B\n  int b();\n#endif\n  A()\n      :\n#if C\n        c(1),\n#endif\n        d(2) {\n  }\n  void e();\n};\n',
    'class A {\n public:\n#if B\n  int b();\n#endif\n  A()\n      :\n…\n        c(1),\n…\n        d(2) {\n  }\n  void e();\n};\n',
    '1-14 class A, 4-4 method A.b, 6-12 method A.A, 13-13 method A.e',
  ],
])('conditions that cut declarations, in %s: %s', async (ending, _, text, left, declared) => {
  expect(kept(ending, text)).toBe(left)
  const { folded } = await both(ending, text)
  const anchors = 'refused' in folded ? [] : folded.anchors
  expect(
    anchors.map(({ kind, name, startLine, endLine }) => `${startLine}-${endLine} ${kind} ${name}`).join(', '),
  ).toBe(declared)
})

test('remarks in a branch that the parser does not see are found', async () => {
  const { folded } = await both('c', `int a =\n#if B\n  1;\n#else\n  2; // TODO: ask\n#endif\nint c;\n`)
  expect(folded).toMatchObject({ openLoops: [{ text: 'TODO: ask', startLine: 5 }] })
})

describe('a folded text gives what the whole gives', () => {
  test.each(EXAMPLES.filter(({ path }) => path.slice(2) in LANGUAGES))('$path', async ({ path, text }) => {
    const { folded, whole } = await both(path.slice(2), text)
    expect(folded).toEqual(whole)
  })

  test.each([
    ['java', 'class A {\n  void b() {', '  }\n}\n'],
    ['go', 'package a\n\nfunc b() {', '}\n'],
    ['rs', 'fn b() {', '}\n'],
    ['py', 'def b():\n    c()', '    d()\n'],
  ])('remarks in bodies, in %s', async (ending, before, after) => {
    const mark = ending === 'py' ? '#' : '//'
    const code = ending === 'py' ? '    e()' : '    e();'
    const text = `${before}
${code}
    ${mark} TODO: split this
    ${mark} and that.
    ${mark} Callers MUST wait.
${code} ${mark} FIXME: too slow
    ${mark} A text between.

    ${mark} Nobody SHALL pass.
${after}`
    expect(kept(ending, text)).toContain('…')
    const { folded, whole } = await both(ending, text)
    expect(folded).toEqual(whole)
    expect('openLoops' in folded && folded.openLoops).toHaveLength(2)
    expect('constraints' in folded && folded.constraints).toHaveLength(2)
  })

  test('remarks in docstrings of what a Python function declares', async () => {
    const text = `def a():
    b()
    def c():
        r"""Callers MUST wait."""
    '''TODO: say more'''  # and here
    d("Nobody SHALL ask for ${LONG}")
    e()
`
    expect(kept('py', text)).toBe('def a():\n    b()…\n    e()\n')
    const { folded, whole } = await both('py', text)
    expect(folded).toEqual(whole)
    expect(folded).toMatchObject({ constraints: [{ startLine: 4 }], openLoops: [{ startLine: 5 }] })
  })

  test('what the grammar does not know inside of a body costs no anchor', async () => {
    const unknown = `class A {\n  void b() { ${'@@ $$ ## ~~ '.repeat(40)} }\n  void c() {}\n}\n`
    const { folded, whole } = await both('java', unknown)
    expect(whole).toEqual({ refused: 'syntax_error' })
    expect(folded).toMatchObject({ anchors: [{ name: 'A' }, { name: 'A.b' }, { name: 'A.c' }] })
  })
})

test.each([
  ['java', 'class A { '],
  ['java', 'void f() { int aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; } '],
  ['cs', '$"{'],
  ['kt', '"${'],
  ['swift', '#"\\#('],
  ['rs', 'r###"\''],
  ['cpp', 'R"('],
  ['cpp', 'a\n#if\n'],
  ['cpp', '#if\n{\n#else\n'],
  ['cpp', '#if\na\n#else\n#endif\n'],
  ['cpp', ') A_B(c) '],
  ['c', 'a(1, 2) '],
  ['go', '`"\''],
  ['py', 'def a():\n  b(\'\'\'"""'],
  ['py', 'if a:\n '],
  ['py', 'def a():\n  b\n'],
] as const)('looking for what to leave out of %s in a million units of %j takes linear time', (ending, unit) => {
  const text = unit.repeat(Math.ceil(1_000_000 / unit.length))
  const started = process.threadCpuUsage()
  languageOf(ending)[1].fold?.(text)
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(3_000)
})
