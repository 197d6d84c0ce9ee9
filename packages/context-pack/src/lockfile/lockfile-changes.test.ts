import { bytesHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { GUARDS, SOURCES, TASK_SCOPE, builder, hash, lock, rolePack } from '../../test/example-lockfile.ts'
import { roleInput, ruleFile } from '../../test/governed.ts'
import { buildRolePack } from '../roles/role-pack.ts'
import { parseRules } from '../rules/rule-file.ts'
import { ruleChanges } from './lockfile-changes.ts'
import { checkLockfile, type CurrentState } from './lockfile-check.ts'
import { diffLockfile } from './lockfile-diff.ts'

const EMPTY = bytesHash(new Uint8Array())

const lockfile = lock()

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

  test('of renamed sources with the same bytes those belong together whose names differ least', () => {
    const same = (path: string) => ({ path, hash: hash('a'), size: 1, pack: hash('1') })
    const before = lock({ sources: ['b/util.ts', 'c/other.ts', 'd/Name.ts', 'e/last.ts'].map(same) })
    const now = ['d/name.ts', 'x/further.ts', 'y/util.ts'].map(same)
    expect(checkLockfile(before, { ...current, sources: now }).sources).toMatchObject([
      { change: 'renamed', path: 'd/name.ts', from: 'd/Name.ts' },
      { change: 'removed', path: 'e/last.ts' },
      { change: 'renamed', path: 'x/further.ts', from: 'c/other.ts' },
      { change: 'renamed', path: 'y/util.ts', from: 'b/util.ts' },
    ])
  })

  test('a symlink that leads to another file of the same bytes leads elsewhere', () => {
    const before = lock({ sources: [{ path: 'link', link: 'a.ts', hash: hash('a'), size: 1, pack: hash('1') }] })
    const now = [{ path: 'link', link: 'copy.ts', hash: hash('a') }]
    expect(checkLockfile(before, { ...current, sources: now }).sources).toEqual([
      {
        change: 'retargeted',
        path: 'link',
        old_hash: hash('a'),
        new_hash: hash('a'),
        old_link: 'a.ts',
        new_link: 'copy.ts',
      },
    ])
  })

  test('what a pattern lets in has changed when one file of it has, whatever its size', () => {
    const sources = SOURCES.map((source) => (source.path === 'src/b.ts' ? { ...source, hash: hash('e') } : source))
    expect(diffLockfile(lockfile, lock({ sources })).reads).toMatchObject([
      { change: 'changed', read: { reason: 'scope', pattern: 'src/', sources: 2, tokens: 8 } },
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

describe('a rule', () => {
  const rule = { role: 'worker', rule: 'r1', severity: 'hard', source: 'file:AGENTS.md', text_hash: hash('a') } as const

  test.each([
    ['says something else', { text_hash: hash('b') }, { old_hash: hash('a'), new_hash: hash('b') }],
    ['turned soft', { severity: 'soft' }, { old_hash: hash('a'), new_hash: hash('a') }],
  ] as const)('has changed when it %s', (_, change, hashes) => {
    const { role, rule: name, severity, source } = { ...rule, ...change }
    expect(ruleChanges([rule], [{ ...rule, ...change }])).toEqual([
      { change: 'changed', name, role, severity, source, ...hashes },
    ])
  })

  test('is named with the lines it stands on, and has none where it is built in', () => {
    const at = { ...rule, rule: 'r2', span: 'lines:3-4' }
    expect(ruleChanges([], [rule, at])).toEqual([
      { change: 'added', name: 'r1', role: 'worker', severity: 'hard', source: 'file:AGENTS.md', new_hash: hash('a') },
      {
        change: 'added',
        name: 'r2',
        role: 'worker',
        severity: 'hard',
        source: 'file:AGENTS.md',
        span: 'lines:3-4',
        new_hash: hash('a'),
      },
    ])
    expect(ruleChanges([rule, at], [{ ...rule, role: 'verifier' }, at]).map(({ change }) => change)).toEqual([
      'added',
      'removed',
    ])
  })
})
