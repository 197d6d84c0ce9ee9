import { describe, expect, test } from 'vitest'

import { EDIT_FORMAT_INSTRUCTION } from './edit-format.ts'
import { isScopeViolation } from './edit-refusal.ts'
import { readEdits, type EditScope } from './read-edits.ts'

const A = 'one\ntwo\nthree\nfour\nfive\nsix\n'
const FILES: Readonly<Record<string, string>> = {
  'src/a.ts': A,
  'src/crlf.ts': A.replaceAll('\n', '\r\n'),
}

function scopeOf(files: EditScope['files'], present = FILES): EditScope {
  return {
    files,
    reader: {
      read(path) {
        const text = present[path]
        return text === undefined ? { status: 'missing' } : { status: 'read', bytes: Buffer.from(text) }
      },
    },
  }
}
const scope = scopeOf({ modify: ['src/a.ts', 'src/crlf.ts'], create: ['src/new.ts'] })

const diff = (...lines: readonly string[]) => ['<mt_diff>', ...lines, '</mt_diff>'].join('\n')
const file = (path: string, ...lines: readonly string[]) =>
  [`<mt_file path="${path}">`, ...lines, '</mt_file>'].join('\n')
const header = (path: string) => [`--- a/${path}`, `+++ b/${path}`]
const change = (path: string) => diff(...header(path), '@@ -1,2 +1,2 @@', ' one', '-two', '+2')

function afterOf(answer: string, given = scope) {
  const read = readEdits(answer, given)
  if (read.status !== 'edits') throw new Error(JSON.stringify(read))
  return Object.fromEntries(read.changes.map(({ path, after }) => [path, after]))
}
function codeOf(answer: string, given = scope) {
  const read = readEdits(answer, given)
  return read.status === 'refused' ? read.refusal.code : read.status
}

describe('what an answer may say', () => {
  test('a diff, a whole file and words around them, which alone are left for the completion signal', () => {
    const answer = `I did it.\n${change('src/a.ts')}\n${file('src/new.ts', '<mt_complete>', 'x')}\n<mt_complete>…`
    expect(readEdits(answer, scope)).toEqual({
      status: 'edits',
      changes: [
        { path: 'src/a.ts', kind: 'modify', before: A, after: A.replace('two', '2') },
        { path: 'src/new.ts', kind: 'create', before: undefined, after: '<mt_complete>\nx\n' },
      ],
      repairedHunks: 0,
      rewritten: [],
      rest: 'I did it.\n<mt_complete>…',
    })
  })

  test('the format the prompt describes is the format that is read', () => {
    const given = scopeOf(
      { modify: ['src/example.ts'], create: [] },
      { 'src/example.ts': 'a\nb\nunchanged line\nold line\nunchanged line\n' },
    )
    const [diffBlock = ''] = /<mt_diff>[^]*<\/mt_diff>/.exec(EDIT_FORMAT_INSTRUCTION) ?? []
    const [fileBlock = ''] = /<mt_file [^]*<\/mt_file>/.exec(EDIT_FORMAT_INSTRUCTION) ?? []
    expect(afterOf(diffBlock, given)).toEqual({ 'src/example.ts': 'a\nb\nunchanged line\nnew line\nunchanged line\n' })
    expect(afterOf(fileBlock, given)).toEqual({ 'src/example.ts': 'every line of the file\n' })
  })

  test('no edits at all', () => expect(codeOf('Nothing to do. I would use <mt_diff> otherwise.')).toBe('no_edits'))

  test.each([
    ['a wrong line number, if the lines stand in one place', ['@@ -40,2 +40,2 @@', ' four', '-five', '+5']],
    ['wrong counts', ['@@ -4,9 +4,1 @@', ' four', '-five', '+5', '', '']],
    ['no counts', ['@@ -4 +4 @@', ' four', '-five', '+5']],
    ['git headers', ['@@ -4,2 +4,2 @@ function', ' four', '-five', '+5']],
  ])('%s', (_, hunk) => {
    const git = ['diff --git a/src/a.ts b/src/a.ts', 'index 0123456..89abcde 100644']
    expect(afterOf(diff(...git, ...header('src/a.ts'), ...hunk))).toEqual({ 'src/a.ts': A.replace('five', '5') })
  })

  test('several hunks, several files, a fence around the diff, names without a prefix and with a time', () => {
    const answer = diff(
      '```diff',
      '--- src/a.ts\t2026-01-01 00:00:00',
      '+++ src/a.ts\t2026-01-01 00:00:01',
      '@@ -1,2 +1,3 @@',
      ' one',
      '+one and a half',
      ' two',
      '@@ -5,2 +6,1 @@',
      ' five',
      '-six',
      '--- /dev/null',
      '+++ b/src/new.ts',
      '@@ -0,0 +1,1 @@',
      '+new',
      '```',
    )
    expect(afterOf(answer)).toEqual({
      'src/a.ts': 'one\none and a half\ntwo\nthree\nfour\nfive\n',
      'src/new.ts': 'new\n',
    })
  })

  test('line endings of the file are kept, those of the answer do not matter', () => {
    const after = A.replaceAll('\n', '\r\n').replace('two', '2')
    expect(afterOf(change('src/crlf.ts'))).toEqual({ 'src/crlf.ts': after })
    expect(afterOf(change('src/crlf.ts').replaceAll('\n', '\r\n'))).toEqual({ 'src/crlf.ts': after })
    expect(afterOf(file('src/crlf.ts', 'x'))).toEqual({ 'src/crlf.ts': 'x\r\n' })
    expect(readEdits(file('src/crlf.ts', 'x'), scope)).toMatchObject({ rewritten: ['src/crlf.ts'] })
  })

  test('a byte order mark is kept, whether or not the answer states it', () => {
    const marked = scopeOf({ modify: ['src/a.cs'], create: [] }, { 'src/a.cs': '\uFEFFone\r\ntwo\r\n' })
    const hunk = (first: string) => diff(...header('src/a.cs'), '@@ -1,2 +1,2 @@', `-${first}one`, `+${first}1`, ' two')
    for (const first of ['', '\uFEFF']) {
      expect(afterOf(hunk(first), marked)).toEqual({ 'src/a.cs': '\uFEFF1\r\ntwo\r\n' })
      expect(afterOf(file('src/a.cs', `${first}1`), marked)).toEqual({ 'src/a.cs': '\uFEFF1\r\n' })
    }
  })

  test('a missing final line ending', () => {
    const none = '\\ No newline at end of file'
    const hunk = (...lines: string[]) => diff(...header('src/open.ts'), '@@ -1,2 +1,2 @@', ...lines)
    for (const ending of ['\n', '\r\n']) {
      const text = (...lines: string[]) => ({ 'src/open.ts': lines.join(ending) })
      const given = scopeOf({ modify: ['src/open.ts'], create: [] }, text('one', 'two'))
      expect(afterOf(hunk(' one', '-two', none, '+2', none), given)).toEqual(text('one', '2'))
      expect(afterOf(hunk(' one', '-two', none, '+2'), given)).toEqual(text('one', '2', ''))
    }
  })
})

describe('what is refused', () => {
  test.each([
    ['EDIT_BLOCK_MALFORMED', 'a cut answer', '<mt_diff>\n--- a/src/a.ts'],
    [
      'EDIT_BLOCK_MALFORMED',
      'a forgotten closing tag',
      '<mt_file path="src/a.ts">\nx\n<mt_file path="src/new.ts">\ny\n</mt_file>',
    ],
    ['EDIT_BLOCK_MALFORMED', 'a closing tag alone', 'x\n</mt_file>'],
    ['EDIT_BLOCK_MALFORMED', 'another attribute', '<mt_file path="src/a.ts" mode="755">\nx\n</mt_file>'],
    ['EDIT_BLOCK_MALFORMED', 'a tag in capitals', '<MT_FILE path="src/a.ts">\nx\n</MT_FILE>'],
    ['EDIT_BLOCK_MALFORMED', 'a fence that would be part of the file', file('src/a.ts', '```ts', 'x', '```')],
    ['DIFF_MALFORMED', 'an empty diff', diff()],
    ['DIFF_MALFORMED', 'words in a diff', diff('Here it is:', ...header('src/a.ts'))],
    ['DIFF_MALFORMED', 'no hunk', diff(...header('src/a.ts'))],
    ['DIFF_MALFORMED', 'one header line', diff('--- a/src/a.ts', '@@ -1,1 +1,1 @@', '-one', '+1')],
    ['DIFF_MALFORMED', 'a line without a mark', diff(...header('src/a.ts'), '@@ -1,2 +1,2 @@', ' one', 'two')],
    ['DIFF_NOT_FOUND', 'other lines', diff(...header('src/a.ts'), '@@ -1,2 +1,2 @@', ' one', '-zwei', '+2')],
    [
      'DIFF_NOT_FOUND',
      'lines with other blanks',
      diff(...header('src/a.ts'), '@@ -1,2 +1,2 @@', ' one', '-two ', '+2'),
    ],
    ['DIFF_NOT_FOUND', 'no line of the file', diff(...header('src/a.ts'), '@@ -2,0 +2,1 @@', '+x')],
    [
      'DIFF_MALFORMED',
      'hunks out of order',
      diff(...header('src/a.ts'), '@@ -5,1 +5,1 @@', '-five', '+5', '@@ -1,1 +1,1 @@', '-one', '+1'),
    ],
    ['EDIT_CHANGES_NOTHING', 'the same text', file('src/a.ts', ...A.trimEnd().split('\n'))],
    ['EDIT_REPEATED', 'one file twice', `${change('src/a.ts')}\n${file('src/a.ts', 'x')}`],
    ['EDIT_NOT_TEXT', 'a NUL', file('src/a.ts', 'x\0')],
    ['EDIT_NOT_TEXT', 'half a character', file('src/a.ts', 'x\uD800')],
    ['EDIT_DELETES', 'a deletion', diff('--- a/src/a.ts', '+++ /dev/null', '@@ -1,1 +0,0 @@', '-one')],
    ['EDIT_DELETES', 'a deletion by header', diff('diff --git a/x b/x', 'deleted file mode 100644')],
    ['EDIT_RENAMES', 'a rename', diff('--- a/src/a.ts', '+++ b/src/new.ts', '@@ -1,1 +1,1 @@', '-one', '+1')],
    ['EDIT_RENAMES', 'a rename by header', diff('diff --git a/a b/b', 'rename from a', 'rename to b')],
    ['EDIT_CHANGES_MODE', 'a mode', diff('diff --git a/src/a.ts b/src/a.ts', 'old mode 100644', 'new mode 100755')],
    [
      'EDIT_CHANGES_MODE',
      'a new executable',
      diff('new file mode 100755', '--- /dev/null', '+++ b/src/new.ts', '@@ -0,0 +1 @@', '+x'),
    ],
    [
      'EDIT_CHANGES_MODE',
      'a new symlink',
      diff('new file mode 120000', '--- /dev/null', '+++ b/src/new.ts', '@@ -0,0 +1 @@', '+/etc'),
    ],
    [
      'EDIT_CHANGES_MODE',
      'a submodule',
      diff('index 0123456..89abcde 160000', ...header('src/a.ts'), '@@ -1 +1 @@', '-one', '+1'),
    ],
    [
      'EDIT_CHANGES_MODE',
      'a mode behind a hunk',
      diff(...header('src/a.ts'), '@@ -1 +1 @@', '-one', '+1', 'old mode 100644'),
    ],
    ['EDIT_BINARY', 'a binary patch', diff('diff --git a/src/a.ts b/src/a.ts', 'GIT binary patch', 'literal 0')],
    ['FILE_EXISTS', 'creating what is there', diff('--- /dev/null', '+++ b/src/a.ts', '@@ -0,0 +1 @@', '+x')],
  ])('%s: %s', (code, _, answer) => expect(codeOf(answer)).toBe(code))

  test('a wrong line number where the lines stand twice', () => {
    const given = scopeOf({ modify: ['src/a.ts'], create: [] }, { 'src/a.ts': 'x\ny\nx\ny\n' })
    const at = (line: number) => diff(...header('src/a.ts'), `@@ -${line},2 +${line},2 @@`, ' x', '-y', '+z')
    expect(codeOf(at(2), given)).toBe('DIFF_AMBIGUOUS')
    expect(afterOf(at(3), given)).toEqual({ 'src/a.ts': 'x\ny\nx\nz\n' })
  })

  test('files that are missing, that are there already, or no text', () => {
    const given = scopeOf({ modify: ['gone.ts', 'bin.ts'], create: ['src/a.ts'] }, { ...FILES, 'bin.ts': 'a\0b' })
    expect(codeOf(file('gone.ts', 'x'), given)).toBe('FILE_MISSING')
    expect(codeOf(file('src/a.ts', 'x'), given)).toBe('FILE_EXISTS')
    expect(codeOf(file('bin.ts', 'x'), given)).toBe('FILE_UNREADABLE')
  })

  test.each([
    ['PATH_INVALID', '../a.ts'],
    ['PATH_INVALID', 'src/../../a.ts'],
    ['PATH_INVALID', '/etc/passwd'],
    ['PATH_INVALID', '~/.profile'],
    ['PATH_INVALID', 'C:/windows/x'],
    ['PATH_INVALID', 'C:x'],
    ['PATH_INVALID', 'file:///etc/passwd'],
    ['PATH_INVALID', '\\\\server\\share'],
    ['PATH_INVALID', 'src\\a.ts'],
    ['PATH_INVALID', './src/a.ts'],
    ['PATH_INVALID', 'src//a.ts'],
    ['PATH_INVALID', 'src/a.ts/'],
    ['PATH_INVALID', 'src/a.ts::$DATA'],
    ['PATH_INVALID', 'src/a.ts.'],
    ['PATH_INVALID', 'src/a.ts '],
    ['PATH_INVALID', 'src/nul.txt'],
    ['PATH_INVALID', 'GIT~1/config'],
    ['PATH_INVALID', '.g\u200Cit/config'],
    ['PATH_INVALID', 'cafe\u0301.ts'],
    ['PATH_PROTECTED', '.git/hooks/pre-commit'],
    ['PATH_PROTECTED', '.GIT/config'],
    ['PATH_PROTECTED', '\uFF0Egit/config'],
    ['PATH_PROTECTED', 'vendor/lib/.git/config'],
    ['PATH_PROTECTED', '.hg/hgrc'],
    ['PATH_PROTECTED', 'lib/.SVN/wc.db'],
    ['PATH_PROTECTED', '.gitmodules'],
    ['PATH_PROTECTED', '.ctxlock/state.db'],
    ['PATH_PROTECTED', 'ctxlock.config.json'],
    ['PATH_PROTECTED', 'ctxlock.lock'],
    ['PATH_PROTECTED', 'CTXLOCK.WAIVERS.JSON'],
    ['PATH_PROTECTED', 'packages/a/AGENTS.md'],
    ['PATH_PROTECTED', '.cursor/rules/a.mdc'],
    ['PATH_PROTECTED', 'docs/rules.md'],
    ['PATH_COLLISION', 'SRC/A.ts'],
    ['PATH_COLLISION', 'src/\uFF41.ts'],
    ['PATH_OUTSIDE_TASK', 'src/b.ts'],
    ['PATH_OUTSIDE_TASK', 'src/\u0430.ts'],
    ['PATH_OUTSIDE_TASK', 'src'],
  ])('%s: %s, also when the task itself lists it', (code, path) => {
    const rules = new Set(['docs/rules.md'])
    const read = readEdits(file(path, 'x'), { ...scope, protectedPaths: rules })
    if (read.status !== 'refused') throw new Error(read.status)
    expect(read.refusal).toMatchObject({ code })
    expect(isScopeViolation(read.refusal)).toBe(true)
    if (code === 'PATH_INVALID' || code === 'PATH_PROTECTED') {
      const listed = scopeOf({ modify: [], create: [path] })
      expect(codeOf(file(path, 'x'), { ...listed, protectedPaths: rules })).toBe(code)
    }
    expect(codeOf(diff('--- /dev/null', `+++ b/${path}`, '@@ -0,0 +1 @@', '+x'), scope)).not.toBe('edits')
  })

  test('two files of a task that one volume would hold to be one', () => {
    expect(codeOf(file('src/B.ts', 'x'), scopeOf({ modify: [], create: ['src/b.ts', 'src/B.ts'] }))).toBe(
      'PATH_COLLISION',
    )
  })

  test('a file of a task that is a folder of another', () => {
    const given = scopeOf({ modify: ['src/a.ts'], create: ['new', 'New/b.ts'] })
    for (const path of ['new', 'New/b.ts']) expect(codeOf(file(path, 'x'), given)).toBe('PATH_COLLISION')
    expect(codeOf(file('src/a.ts', 'x'), given)).toBe('edits')
  })

  test('what comes back of an answer is short and printable', () => {
    const read = readEdits(file(`a\u202Eb${'x'.repeat(3000)}`, 'x'), scope)
    expect(read.status === 'refused' && read.refusal.subject).toMatch(/^a\uFFFDbx{197}$/)
  })
})

describe('too much', () => {
  test('characters, of the answer and of a file', () => {
    expect(codeOf('x'.repeat(5_000_000))).toBe('EDIT_TOO_LARGE')
    expect(codeOf(file('src/new.ts', 'x'.repeat(1_100_000)))).toBe('EDIT_TOO_LARGE')
  })

  test('hunks, and lines that nearly fit', () => {
    const many = Array.from({ length: 1001 }, () => ['@@ -1 +1 @@', '-one', '+1']).flat()
    expect(codeOf(diff(...header('src/a.ts'), ...many))).toBe('EDIT_TOO_LARGE')
    const given = scopeOf({ modify: ['src/a.ts'], create: [] }, { 'src/a.ts': '\n'.repeat(500_000) })
    const hunk = [...Array.from({ length: 5000 }, () => ' '), '-x']
    expect(codeOf(diff(...header('src/a.ts'), '@@ -9 +9 @@', ...hunk), given)).toBe('EDIT_TOO_LARGE')
  })
})
