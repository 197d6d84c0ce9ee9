import { textHash } from '@ctxlock/core-hash'
import type { StrictRule } from '@ctxlock/contracts/packs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { GUARDS, SOURCES, builder, hash, lock, rolePack } from '../../test/example-lockfile.ts'
import { clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { buildContextPack } from '../pack/context-pack.ts'
import { checkLockfile } from './lockfile-check.ts'
import { parseLockfile } from './lockfile-parser.ts'
import { formatLockfile } from './lockfile-text.ts'
import { lockedRules, lockedSource, type LockfileInput } from './lockfile.ts'

fc.configureGlobal({ seed: 20_260_212 })

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

  test('writes both halves of such a character, and short codes with four digits', () => {
    const path = 'a\u{E0001}b\u00ADc'
    const odd = formatLockfile(lock({ sources: [{ path, hash: hash('a'), size: 1, pack: hash('1') }] }))
    expect(odd).toContain(String.raw`"a\udb40\udc01b\u00adc"`)
    expect(parseLockfile(odd).sources[0]?.path).toBe(path)
  })

  test('takes marks of a conflict within a line for what they are, part of a path', () => {
    const path = 'a ======= b'
    const own = lock({ sources: [{ path, hash: hash('a'), size: 1, pack: hash('1') }] })
    expect(parseLockfile(formatLockfile(own))).toEqual(own)
    expect(problem(formatLockfile(own).replace('"size": 1', '"size": 2'))).toMatch(/^LOCK_HASH_MISMATCH/)
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
    ['null for an entry', withLine(a, () => '    null,'), new RegExp(`line ${a}: expected one JSON object`)],
    ['a number for an entry', withLine(a, () => '    3,'), new RegExp(`line ${a}: expected one JSON object`)],
    ['a long unknown field', withLine(a, (line) => line.replace('"size"', `"${'s'.repeat(99)}"`)), /"s{64}"/],
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

  test.each(['<<<<<<< HEAD', '||||||| base', '=======', '>>>>>>> other'])('a line left by a conflict: %s', (mark) => {
    expect(problem(lines.toSpliced(a - 1, 0, mark).join('\n'))).toMatch(`line ${a}: a merge conflict`)
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

test('a rule that binds a role everywhere and somewhere is stated once, with its place', () => {
  const [own] = rolePack.strict_rules
  const elsewhere = {
    rule_id: 'r9',
    severity: 'hard',
    text: 'Never push.',
    anchor_ref: 'a-000000000009',
    source_refs: [{ kind: 'span', id: 'file:docs/AGENTS.md', selector: 'lines:3-3' }],
  } satisfies StrictRule
  const unplaced = { ...elsewhere, rule_id: 'r10', source_refs: [] }
  const stated = lockedRules([rolePack], [...(own ? [own] : []), elsewhere, unplaced])
  expect(stated.map(({ rule }) => rule)).toEqual([...rolePack.strict_rules.map(({ rule_id }) => rule_id), 'r9', 'r10'])
  expect(stated.slice(-2)).toEqual([
    {
      role: 'worker',
      rule: 'r9',
      severity: 'hard',
      source: 'file:docs/AGENTS.md',
      span: 'lines:3-3',
      text_hash: textHash('Never push.'),
    },
    { role: 'worker', rule: 'r10', severity: 'hard', source: 'unknown', text_hash: textHash('Never push.') },
  ])
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
  const start = process.threadCpuUsage()
  const parsed = parseLockfile(formatLockfile(lock({ sources })))
  expect(checkLockfile(parsed, { builder, sources }).sources).toEqual([])
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(3000)
})
