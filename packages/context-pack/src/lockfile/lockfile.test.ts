import { bytesHash } from '@ctxlock/core-hash'
import type { LockedGuard, LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { builtPair, roleInput, ruleFile } from '../../test/governed.ts'
import { clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { describeBuilder } from '../pack/builder.ts'
import { buildContextPack } from '../pack/context-pack.ts'
import { buildRolePack } from '../roles/role-pack.ts'
import { parseRules } from '../rules/rule-file.ts'
import { checkLockfile, type CurrentState } from './lockfile-check.ts'
import type { TaskScope } from './locked-reads.ts'
import { diffLockfile } from './lockfile-diff.ts'
import { parseLockfile } from './lockfile-parser.ts'
import { formatLockfile } from './lockfile-text.ts'
import { buildLockfile, lockedSource, type LockfileInput } from './lockfile.ts'

fc.configureGlobal({ seed: 20_260_212 })

const builder = describeBuilder({ redactor: testRedactor })
const rolePack = builtPair().rolePack.pack
const hash = (digit: string) => digit.repeat(64)
const EMPTY = bytesHash(new Uint8Array())

const SOURCES: readonly LockedSource[] = [
  { path: 'src/b.ts', hash: hash('b'), size: 20, tokens: 5, pack: hash('2') },
  { path: 'logo.png', hash: hash('c'), size: 300, not_packed: 'binary' },
  { path: 'src/a.ts', hash: hash('a'), size: 10, tokens: 3, pack: hash('1') },
]

const TASK_SCOPE: TaskScope = {
  role: 'worker',
  task: 'add',
  scope: ['src/', '*.png'],
  named: ['src/a.ts'],
  selected: [{ source: 'file:src/a.ts', span: 'lines:1-9', tokens: 2 }],
}

function lock(change: Partial<LockfileInput> = {}): Lockfile {
  return buildLockfile({
    builder,
    tokenCounter: tokenCounter.id,
    sources: SOURCES,
    excluded: [
      { path: 'node_modules', reason: 'gitignore' },
      { path: 'big.bin', reason: 'too_large' },
    ],
    rolePacks: [rolePack],
    tasks: [{ task: 'add', role: 'worker', pack: hash('d'), source: 'file:tasks/add.yaml' }],
    taskScopes: [TASK_SCOPE],
    ...change,
  })
}

const GUARDS: readonly LockedGuard[] = [
  { guard: 'b', version: '2', plugin: 'acme-guards', code_hash: hash('7') },
  { guard: 'a', version: '1', plugin: 'acme-guards', code_hash: hash('6') },
]

const lockfile = lock()
const text = formatLockfile(lockfile)
const lines = text.split('\n')

/** The error of a damaged text: its code and message. */
function problem(damaged: string): string {
  try {
    parseLockfile(damaged)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${String(error.code)} ${error.message}`
    throw error
  }
  return 'accepted'
}

function withLine(number: number, change: (line: string) => string): string {
  return lines.map((line, index) => (index === number - 1 ? change(line) : line)).join('\n')
}

const lineOf = (part: string) => lines.findIndex((line) => line.includes(part)) + 1

describe('the text', () => {
  test('holds one fact per line, sorted, and nothing of the machine', () => {
    expect(lines.filter((line) => line.includes('"path"')).map((line) => line.slice(0, 30))).toEqual([
      '    { "path": "logo.png", "siz',
      '    { "path": "src/a.ts", "siz',
      '    { "path": "src/b.ts", "siz',
      '    { "path": "big.bin", "reas',
      '    { "path": "node_modules", ',
    ])
    expect(lines.filter((line) => line.includes('"rule"'))).toHaveLength(3)
    expect(text).not.toMatch(/\d{4}-\d\d-\d\d|created|\\/)
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('states once for each pattern of a task what it lets in, and why a role is given a document', () => {
    const [builtIn] = lockfile.reads
    expect(builtIn).toMatchObject({ role: 'worker', reason: 'rules', source: 'file:AGENTS.md' })
    expect(lockfile.reads.slice(1)).toMatchObject([
      { task: 'add', reason: 'named', source: 'file:src/a.ts' },
      { task: 'add', reason: 'scope', pattern: '*.png', sources: 1, tokens: 0 },
      { task: 'add', reason: 'scope', pattern: 'src/', sources: 2, tokens: 8 },
      { task: 'add', reason: 'selected', source: 'file:src/a.ts', span: 'lines:1-9', tokens: 2 },
    ])
    expect(lines.filter((line) => line.includes('"task": "add", "reason"'))).toHaveLength(4)
  })

  test('has a section for guards of plugins where there are some, read back strictly', () => {
    expect(text).not.toContain('guards')
    const guarded = formatLockfile(lock({ guards: GUARDS }))
    expect(guarded.match(/"guard": "\w"/g)).toEqual(['"guard": "a"', '"guard": "b"'])
    expect(parseLockfile(guarded)).toEqual(lock({ guards: GUARDS }))
    const [first = '', second = ''] = guarded.match(/ {4}\{ "guard".*/g) ?? []
    const swapped = guarded.replace(`${first}\n${second}`, `${second},\n${first.slice(0, -1)}`)
    expect(problem(swapped)).toContain('guards is not sorted')
    expect(problem(guarded.replace(`${first}\n${second}\n`, ''))).toContain('guards')
    expect(problem(guarded.replace('"version": "1"', '"version": ""'))).toContain('an entry of guards is not valid')
    expect(problem(guarded.replace('"version": "1"', '"version": "9"'))).toContain('LOCK_HASH_MISMATCH')
    expect(() => lock({ guards: [...GUARDS, ...GUARDS.slice(0, 1)] })).toThrow('twice under guards')
  })

  test('is the same whatever the order of the input', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...SOURCES], { minLength: 3 }), (sources) => {
        expect(formatLockfile(lock({ sources }))).toBe(text)
      }),
    )
  })

  test('is read back as it was, and is JSON for everybody else', () => {
    expect(parseLockfile(text)).toEqual(lockfile)
    expect(JSON.parse(text)).toEqual(lockfile)
    const empty = lock({ sources: [], excluded: [], rolePacks: [], tasks: [], taskScopes: [] })
    expect(parseLockfile(formatLockfile(empty))).toEqual(empty)
  })

  test('writes characters nobody sees as escapes', () => {
    const path = 'src/a\u202Ets.exe'
    const odd = formatLockfile(lock({ sources: [{ path, hash: hash('a'), size: 1, pack: hash('1') }] }))
    expect(odd).toContain(String.raw`"src/a\u202ets.exe"`)
    expect(odd).not.toContain('\u202E')
    expect(parseLockfile(odd).sources[0]?.path).toBe(path)
  })

  test('any path survives', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((name) => /^[^\\/\p{Cc}~.:]+$/u.test(name) && name === name.normalize('NFC') && name.isWellFormed())
    fc.assert(
      fc.property(fc.uniqueArray(segment, { minLength: 1, maxLength: 5 }), (names) => {
        const sources = names.map((path) => ({ path, hash: hash('a'), size: 1, pack: hash('1') }))
        const own = lock({ sources })
        expect(parseLockfile(formatLockfile(own))).toEqual(own)
      }),
    )
  })
})

describe('building refuses', () => {
  test.each<[string, Partial<LockfileInput>]>([
    ['the same path twice', { sources: [...SOURCES, ...SOURCES] }],
    ['an absolute path', { sources: [{ path: '/etc/passwd', hash: hash('a'), size: 1, pack: hash('1') }] }],
    ['a hash in upper case', { sources: [{ path: 'a', hash: 'A'.repeat(64), size: 1, pack: hash('1') }] }],
    ['two packs of one role', { rolePacks: [rolePack, rolePack] }],
  ])('%s', (_, change) => {
    expect(() => lock(change)).toThrow(expect.objectContaining({ code: 'LOCK_INVALID' }))
  })
})

describe('parsing refuses, naming the line', () => {
  const a = lineOf('"src/a.ts"')
  const b = lineOf('"src/b.ts"')

  test.each([
    [
      'CRLF',
      text.replaceAll('\n', '\r\n'),
      /^LOCK_INVALID ctxlock\.lock line 1: .*CRLF.*eol=lf.*gitattributes, .*check out again\.$/,
    ],
    ['one CRLF', withLine(a, (line) => `${line}\r`), new RegExp(`line ${a}: .*CRLF`)],
    [
      'a conflict',
      withLine(a, (line) => `<<<<<<< HEAD\n${line}\n=======\n${line}\n>>>>>>> other`),
      new RegExp(`line ${a}: a merge conflict`),
    ],
    ['a byte-order mark', `\uFEFF${text}`, /line 1: .*byte-order mark/],
    [
      'two lines exchanged',
      lines.toSpliced(a - 1, 2, lines[b - 1] ?? '', lines[a - 1] ?? '').join('\n'),
      new RegExp(`line ${a + 1}: sources is not sorted: src/a.ts`),
    ],
    [
      'a line twice',
      lines.toSpliced(a - 1, 0, lines[a - 1] ?? '').join('\n'),
      new RegExp(`line ${a + 1}: sources lists src/a.ts twice`),
    ],
    [
      'an unknown field',
      withLine(a, (line) => line.replace('"size"', '"sise"')),
      new RegExp(`line ${a}: .*unknown field "sise"`),
    ],
    ['a wrong hash', withLine(a, (line) => line.replace(hash('a'), 'abc')), new RegExp(`line ${a}: .*field hash`)],
    [
      'an absolute path',
      withLine(a, (line) => line.replace('src/a.ts', '/a.ts')),
      new RegExp(`line ${a}: .*field path`),
    ],
    [
      'a path that is not NFC',
      withLine(a, (line) => line.replace('src/a.ts', 'e\u0301')),
      new RegExp(`line ${a}: .*NFC`),
    ],
    [
      'other spaces',
      withLine(a, (line) => line.replace(', ', ',  ')),
      new RegExp(`line ${a}: the line is not written`),
    ],
    [
      'a key twice',
      withLine(a, (line) => line.replace('"size": 10', '"size": 9, "size": 10')),
      new RegExp(`line ${a}: the line is not written`),
    ],
    ['half a line', withLine(a, (line) => line.slice(0, 30)), new RegExp(`line ${a}: expected one JSON object`)],
    ['a missing comma', withLine(a, (line) => line.slice(0, -1)), /LOCK_INVALID ctxlock\.lock: it is not JSON/],
    [
      'another version',
      withLine(2, (line) => line.replace('lock@', 'bolt@')),
      /line 2: expected the schema_version ctxlock\.lock@2/,
    ],
    [
      'an earlier version',
      withLine(2, (line) => line.replace('@2', '@1')),
      /line 2: an earlier ctxlock wrote it \(ctxlock\.lock@1\).*ctxlock lock/,
    ],
    [
      'a newer version',
      withLine(2, (line) => line.replace('@2', '@11')),
      /line 2: a newer ctxlock wrote it \(ctxlock\.lock@11\).*Update/,
    ],
    ['text after the end', `${text}\n`, /text follows the end/],
    ['no final line feed', text.slice(0, -1), /line \d+: the line is not written/],
    ['nothing', '', /line 2: expected the schema_version/],
    ['something else', '[]', /line 2: expected the schema_version/],
    [
      'a line removed',
      lines.toSpliced(a - 1, 1).join('\n'),
      new RegExp(`^LOCK_HASH_MISMATCH ctxlock\\.lock line ${lines.length - 3}: `),
    ],
    [
      'a hash changed',
      withLine(a, (line) => line.replace(hash('a'), hash('e'))),
      /^LOCK_HASH_MISMATCH .*merged or edited by hand.*ctxlock lock/,
    ],
    [
      'a reason changed',
      withLine(lineOf('gitignore'), (line) => line.replace('gitignore', 'config')),
      /^LOCK_HASH_MISMATCH/,
    ],
  ])('%s', (_, damaged, expected) => {
    expect(problem(damaged)).toMatch(expected)
  })

  test('every flipped character', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('x', '0', ' ', '"', '\n', '}'), (index, character) => {
        fc.pre(text[index] !== character)
        expect(problem(text.slice(0, index) + character + text.slice(index + 1))).toMatch(
          /^LOCK_(?:INVALID|HASH_MISMATCH) /,
        )
      }),
      { numRuns: 500 },
    )
  })

  test('no message repeats what stands in a line', () => {
    expect(problem(withLine(a, () => '    { "path": "SECRETSECRET", "hash": "SECRETSECRET" },'))).not.toContain(
      'SECRETSECRET',
    )
  })
})

describe('what changed', () => {
  const changed = lock({
    builder: { ...builder, config_hash: hash('9') },
    sources: [
      { path: 'src/a.ts', hash: hash('e'), size: 11, tokens: 3, pack: hash('3') },
      { path: 'logo.png', hash: hash('c'), size: 300, not_packed: 'too_large' },
      { path: 'src/c.ts', hash: hash('f'), size: 1, pack: hash('4') },
    ],
    excluded: [{ path: 'big.bin', reason: 'config' }],
    rolePacks: [buildRolePack(roleInput({ rules: ruleFile.rules.slice(1) })).pack],
    tasks: [],
    taskScopes: [{ ...TASK_SCOPE, scope: ['src/'], named: ['src/c.ts'] }],
  })

  test('is named by the diff with old and new hash', () => {
    const [dropped] = rolePack.strict_rules
    expect(diffLockfile(lockfile, changed)).toMatchObject({
      sources: [
        { change: 'changed', path: 'src/a.ts', old_hash: hash('a'), new_hash: hash('e') },
        { change: 'removed', path: 'src/b.ts', old_hash: hash('b') },
        { change: 'added', path: 'src/c.ts', new_hash: hash('f') },
      ],
      repacked: ['logo.png'],
      excluded: [
        { change: 'changed', path: 'big.bin' },
        { change: 'removed', path: 'node_modules' },
      ],
      roles: [{ change: 'changed', name: 'worker', old_hash: rolePack.pack_hash }],
      rules: [{ change: 'removed', name: dropped?.rule_id, role: 'worker', source: 'file:AGENTS.md' }],
      tasks: [{ change: 'removed', name: 'add', old_hash: hash('d') }],
      reads: [
        { change: 'removed', read: { task: 'add', reason: 'named', source: 'file:src/a.ts' } },
        { change: 'added', read: { task: 'add', reason: 'named', source: 'file:src/c.ts' } },
        { change: 'removed', read: { task: 'add', reason: 'scope', pattern: '*.png' } },
        { change: 'changed', read: { task: 'add', reason: 'scope', pattern: 'src/', sources: 2, tokens: 3 } },
      ],
      builder: { old: builder, new: { ...builder, config_hash: hash('9') } },
    })
    expect(diffLockfile(lockfile, lockfile)).toEqual({
      sources: [],
      repacked: [],
      excluded: [],
      roles: [],
      rules: [],
      tasks: [],
      guards: [],
      reads: [],
    })
  })

  const current: CurrentState = { builder, sources: SOURCES, rolePacks: [rolePack], tasks: lockfile.tasks }

  test('a rename, a change of mode and a symlink that leads elsewhere are told apart', () => {
    const before = lock({
      sources: [
        { path: 'a.ts', hash: hash('a'), size: 1, pack: hash('1') },
        { path: 'b.ts', hash: hash('b'), size: 1, pack: hash('1') },
        { path: 'copy/b.ts', hash: hash('b'), size: 1, pack: hash('1') },
        { path: 'link', link: 'a.ts', hash: hash('a'), size: 1, pack: hash('1') },
        { path: 'run.sh', mode: 'executable', hash: hash('c'), size: 1, pack: hash('1') },
        { path: 'void.txt', hash: EMPTY, size: 0, not_packed: 'PACK_NOT_ANCHORED' },
      ],
    })
    expect(
      checkLockfile(before, {
        ...current,
        sources: [
          { path: 'A.ts', hash: hash('a') },
          { path: 'copy/b.ts', hash: hash('b') },
          { path: 'deep/b.ts', hash: hash('b') },
          { path: 'link', link: 'b.ts', hash: hash('b') },
          { path: 'run.sh', hash: hash('c') },
          { path: 'vacant.txt', hash: EMPTY },
        ],
      }).sources,
    ).toEqual([
      { change: 'renamed', path: 'A.ts', from: 'a.ts', old_hash: hash('a'), new_hash: hash('a') },
      { change: 'renamed', path: 'deep/b.ts', from: 'b.ts', old_hash: hash('b'), new_hash: hash('b') },
      {
        change: 'retargeted',
        path: 'link',
        old_hash: hash('a'),
        new_hash: hash('b'),
        old_link: 'a.ts',
        new_link: 'b.ts',
      },
      {
        change: 'mode',
        path: 'run.sh',
        old_hash: hash('c'),
        new_hash: hash('c'),
        old_mode: 'executable',
        new_mode: 'plain',
      },
      { change: 'added', path: 'vacant.txt', new_hash: EMPTY },
      { change: 'removed', path: 'void.txt', old_hash: EMPTY },
    ])
  })

  test('a renamed source that is a program or a symlink now is named as one, and so is one that came or went', () => {
    const before = lock({
      sources: [
        { path: 'old.sh', hash: hash('a'), size: 1, pack: hash('1') },
        { path: 'old.md', hash: hash('b'), size: 1, pack: hash('1') },
        { path: 'gone', link: 'x.md', mode: 'executable', hash: hash('c'), size: 1, pack: hash('1') },
      ],
    })
    expect(
      checkLockfile(before, {
        ...current,
        sources: [
          { path: 'new.sh', mode: 'executable', hash: hash('a') },
          { path: 'new.md', link: 'x.md', hash: hash('b') },
          { path: 'came', link: 'y.md', mode: 'executable', hash: hash('d') },
        ],
      }).sources,
    ).toEqual([
      { change: 'added', path: 'came', new_hash: hash('d'), new_mode: 'executable', new_link: 'y.md' },
      { change: 'removed', path: 'gone', old_hash: hash('c'), old_mode: 'executable', old_link: 'x.md' },
      {
        change: 'renamed',
        path: 'new.md',
        from: 'old.md',
        old_hash: hash('b'),
        new_hash: hash('b'),
        old_link: null,
        new_link: 'x.md',
      },
      {
        change: 'renamed',
        path: 'new.sh',
        from: 'old.sh',
        old_hash: hash('a'),
        new_hash: hash('a'),
        old_mode: 'plain',
        new_mode: 'executable',
      },
    ])
  })

  test('what is left out for another reason is told and changes nothing for a model', () => {
    const excluded = [
      { path: 'big.bin', reason: 'symlink_broken' },
      { path: 'dist/a.js', reason: 'generated' },
    ]
    expect(checkLockfile(lockfile, { ...current, excluded })).toMatchObject({
      status: 'matches',
      excluded: [
        { change: 'changed', path: 'big.bin', old_reason: 'too_large', new_reason: 'symlink_broken' },
        { change: 'added', path: 'dist/a.js', new_reason: 'generated' },
        { change: 'removed', path: 'node_modules', old_reason: 'gitignore' },
      ],
    })
  })

  test('is told apart from a change of the builder only', () => {
    const other = { ...builder, config_hash: hash('9') }
    expect(checkLockfile(lockfile, current)).toEqual({
      status: 'matches',
      sources: [],
      roles: [],
      rules: [],
      tasks: [],
      guards: [],
      excluded: [],
    })
    expect(checkLockfile(lockfile, { ...current, builder: other })).toMatchObject({
      status: 'builder_changed',
      sources: [],
      builder: { old: builder, new: other },
    })
    const both = checkLockfile(lockfile, { ...current, builder: other, sources: changed.sources })
    expect(both).toMatchObject({ status: 'changed', builder: { new: other } })
    expect(both.sources).toEqual(diffLockfile(lockfile, changed).sources)
  })

  test('guards of plugins are named by the file they come from, and by their version alone if only that differs', () => {
    const guarded = lock({ guards: GUARDS })
    expect(checkLockfile(guarded, { ...current, guards: GUARDS.toReversed() }).status).toBe('matches')
    const [b, a] = GUARDS.map((guard) => ({ ...guard, version: '3' }))
    const now = b && a ? [{ ...b, code_hash: hash('8') }, a] : []
    const found = checkLockfile(guarded, { ...current, guards: now })
    expect(found).toMatchObject({
      status: 'changed',
      guards: [
        { change: 'changed', name: 'a', old_hash: hash('6'), new_hash: hash('6') },
        { change: 'changed', name: 'b', old_hash: hash('7'), new_hash: hash('8') },
      ],
    })
    expect(diffLockfile(guarded, lock({ guards: now })).guards).toEqual(found.guards)
    expect(checkLockfile(guarded, { ...current, guards: [] }).guards.map(({ change }) => change)).toEqual([
      'removed',
      'removed',
    ])
    expect(checkLockfile(lockfile, { ...current, guards: GUARDS }).guards.map(({ change }) => change)).toEqual([
      'added',
      'added',
    ])
  })

  test('sources alone can be checked without packing anything', () => {
    expect(
      checkLockfile(lockfile, { builder, sources: SOURCES.map(({ path, hash: own }) => ({ path, hash: own })) }).status,
    ).toBe('matches')
    expect(checkLockfile(lockfile, { builder, sources: [] }).sources.map(({ change }) => change)).toEqual([
      'removed',
      'removed',
      'removed',
    ])
  })

  test('a rule that only moved has not changed, but its role pack has', () => {
    const moved = parseRules(
      new TextEncoder().encode(
        '# New first line\n\n- You MUST run the tests\n- NEVER push to main\n\n## Guidelines\n\n- prefer small functions\n',
      ),
      'AGENTS.md',
    )
    const after = buildRolePack(roleInput({ rules: moved.rules, governedSources: [moved.source] })).pack
    expect(checkLockfile(lockfile, { ...current, rolePacks: [after] })).toMatchObject({
      status: 'changed',
      rules: [],
      roles: [{ change: 'changed', name: 'worker' }],
    })
  })
})

test('results of the builder become lines', () => {
  const files = { 'a.md': '# a\n', 'b.bin': 'a\0b' }
  const ports = { reader: memoryReader(files), redactor: testRedactor, store: memoryStore(), clock, tokenCounter }
  const results = ['a.md', 'b.bin', 'c.md'].map((path) => lockedSource(buildContextPack({ path, ...ports })))
  expect(results).toMatchObject([
    { path: 'a.md', size: 4, tokens: 1, pack: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { path: 'b.bin', size: 3, not_packed: 'binary' },
    { path: 'c.md', reason: 'missing' },
  ])
})

test('eight thousand sources are written, read and checked in well under a second', () => {
  const sources = Array.from({ length: 8000 }, (_, i) => ({
    path: `src/${String(i).padStart(5, '0')}.ts`,
    hash: hash('a'),
    size: i,
    tokens: i,
    pack: hash('1'),
  }))
  const start = performance.now()
  const parsed = parseLockfile(formatLockfile(lock({ sources })))
  expect(checkLockfile(parsed, { builder, sources }).sources).toEqual([])
  expect(performance.now() - start).toBeLessThan(3000)
})
