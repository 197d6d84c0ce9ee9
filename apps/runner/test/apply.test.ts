// The way of a run's edits into the person's tree: all of them or nothing, never over a change, never through a link.
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { commitAll, editedRun, git, textOf, wholeFiles } from './support/edited-run.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { makeWorkspace, temporaryFolder, writeFiles } from './support/workspace.ts'

const FILES = { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', 'other/c.ts': 'c\n' }
const LISTS = { modify: ['src/a.ts', 'src/b.ts'], create: ['new/d.ts'] }
const EDITS = { 'new/d.ts': 'd\n', 'src/a.ts': 'A\n', 'src/b.ts': 'B\n' }

async function ready(files: Readonly<Record<string, string>> = FILES) {
  const root = makeWorkspace(files)
  const run = await editedRun(root, LISTS, wholeFiles(EDITS))
  expect(run.reading.status).toBe('edits')
  return { root, runId: run.runId }
}
/** Every file of the workspace but the state's. */
function treeOf(root: string) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.startsWith('.c') && !path.startsWith('.git/'))
    .sort()
    .map((path) => `${path}: ${textOf(root, path).trim()}`)
}
const BEFORE = ['other/c.ts: c', 'src/a.ts: a', 'src/b.ts: b']
const AFTER = ['new/d.ts: d', 'other/c.ts: c', 'src/a.ts: A', 'src/b.ts: B']

test('--check shows the patch and changes nothing; apply writes it, and once more finds nothing to do', async () => {
  const { root, runId } = await ready()
  expect(treeOf(root)).toEqual(BEFORE)
  const shown = await ctxlockHere(['apply', runId.slice(0, 8), '--check'], root)
  expect(shown).toMatchObject({ code: 0 })
  for (const line of ['create     new/d.ts', 'modify     src/a.ts', '-a', '+A', '+d'])
    expect(shown.stdout).toContain(line)
  expect(treeOf(root)).toEqual(BEFORE)

  const applied = await ctxlockHere(['apply', 'last'], root)
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('applied    3 files') })
  expect(treeOf(root)).toEqual(AFTER)
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 0 })
  expect(treeOf(root)).toEqual(AFTER)
  const session = await openedSession(root)
  expect(recorded(session, 'patch_applied')).toHaveLength(2)
  expect(recorded(session, 'patch_ready')[0]?.payload.files.map(({ path }) => path)).toEqual(Object.keys(EDITS))
  expect(await ctxlockHere(['verify'], root)).toMatchObject({ code: 0 })
})

test('the stored diff is one that git takes', async () => {
  const root = makeWorkspace({ ...FILES, 'src/a.ts': 'one\ntwo', 'src/b.ts': '' })
  commitAll(root)
  await editedRun(root, LISTS, wholeFiles({ ...EDITS, 'src/a.ts': 'one\n2\n' }))
  const { stdout } = await ctxlockHere(['apply', '--check', 'last'], root)
  const patch = join(temporaryFolder(), 'run.patch')
  writeFileSync(patch, stdout.slice(stdout.indexOf('diff --git')))
  git(root, 'apply', patch)
  expect(treeOf(root)).toEqual(['new/d.ts: d', 'other/c.ts: c', 'src/a.ts: one\n2', 'src/b.ts: B'])
})

test('it keeps the mode of a file, and other names of a file keep the old bytes', async () => {
  const { root } = await ready()
  const outside = join(temporaryFolder(), 'outside')
  writeFileSync(join(root, 'src/b.ts'), 'b\n', { mode: 0o755 })
  rmSync(join(root, 'src/b.ts'))
  writeFileSync(outside, 'b\n', { mode: 0o755 })
  linkSync(outside, join(root, 'src/b.ts'))
  expect((await ctxlockHere(['apply', 'last'], root)).stdout).toContain('1 other hard links keep the old content')
  expect(textOf(outside, '')).toBe('b\n')
  expect([statSync(join(root, 'src/b.ts')).mode & 0o777, statSync(join(root, 'new/d.ts')).mode & 0o111]).toEqual([
    0o755, 0,
  ])
})

test.each([
  ['a changed file', 3, 'TREE_CHANGED', (root: string) => writeFiles(root, { 'src/b.ts': 'mine\n' })],
  ['a file that is gone', 3, 'TREE_CHANGED', (root: string) => rmSync(join(root, 'src/b.ts'))],
  ['a file that was to be created', 3, 'TREE_CHANGED', (root: string) => writeFiles(root, { 'new/d.ts': 'mine\n' })],
  ['a link in place of a file', 8, 'PATH_NOT_PLAIN', (root: string) => linkInstead(root, 'src/b.ts', 'a.ts')],
  ['a link that leads out', 8, 'PATH_NOT_PLAIN', (root: string) => linkInstead(root, 'src/b.ts', '/etc/hostname')],
  [
    'a linked folder',
    8,
    'PATH_NOT_PLAIN',
    (root: string) => (renameSync(join(root, 'src'), join(root, 'real')), symlinkSync('real', join(root, 'src'))),
  ],
  [
    'a folder of links for a new file',
    8,
    'PATH_NOT_PLAIN',
    (root: string) => symlinkSync(temporaryFolder(), join(root, 'new')),
  ],
  [
    'a dangling link for a new file',
    8,
    'PATH_NOT_PLAIN',
    (root: string) => (mkdirSync(join(root, 'new')), symlinkSync('/nowhere', join(root, 'new/d.ts'))),
  ],
  ['another case', 8, 'PATH_NOT_PLAIN', (root: string) => writeFiles(root, { 'src/B.ts': 'x' })],
  ['a submodule', 8, 'PATH_NOT_PLAIN', (root: string) => writeFiles(root, { 'src/.git': 'gitdir: ../x\n' })],
])('%s: exit %i, nothing is changed and it is recorded', async (_, exit, code, attack) => {
  const { root } = await ready()
  attack(root)
  const before = treeOf(root)
  for (const args of [
    ['apply', 'last', '--check'],
    ['apply', 'last'],
  ])
    expect(await ctxlockHere(args, root)).toMatchObject({ code: exit, error: { code } })
  expect(treeOf(root)).toEqual(before)
  const session = await openedSession(root)
  expect(recorded(session, 'patch_apply_refused')).toMatchObject([{ payload: { error_code: code, undone: false } }])
  expect(recorded(session, 'patch_applied')).toEqual([])
})

test('a run that has not ended well is not applied, nor one that nobody knows', async () => {
  const { root } = await ready()
  const session = await openedSession(root)
  session.state.database.exec("UPDATE ace_jobs SET state = 'failed'")
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 8, error: { code: 'RUN_UNFINISHED' } })
  session.state.database.exec("UPDATE ace_jobs SET state = 'poisoned'")
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 6, error: { code: 'JOB_POISONED' } })
  for (const name of ['', 'ffffffff', '%'])
    expect(await ctxlockHere(['apply', name], root)).toMatchObject({ code: 2, error: { code: 'PATCH_UNKNOWN' } })
  expect(treeOf(root)).toEqual(BEFORE)
})

test('a file that cannot be written: those before it are put back', async () => {
  const { root } = await ready()
  // In the place where the last file would wait for its name, something that no file replaces.
  mkdirSync(join(root, 'src/b.ts.ctxlock.tmp/x'), { recursive: true })
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 8, error: { code: 'APPLY_STOPPED' } })
  expect(treeOf(root)).toEqual(BEFORE)
  rmSync(join(root, 'src/b.ts.ctxlock.tmp'), { recursive: true })
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 0 })
  expect(treeOf(root)).toEqual(AFTER)
})

/** What is on disk and on record when an `apply` was killed after it replaced one of three files. */
async function killedBetween() {
  const { root, runId } = await ready()
  const session = await openedSession(root)
  session.state.database.exec("UPDATE runner_patch SET state = 'begun'")
  writeFiles(root, { 'src/a.ts': 'A\n', 'src/b.ts.ctxlock.tmp': 'half', 'new/d.ts.ctxlock.tmp': 'd\n' })
  return { root, runId }
}

test('killed in between, a second apply finishes it', async () => {
  const { root } = await killedBetween()
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 0 })
  expect(treeOf(root)).toEqual(AFTER)
})

test('killed in between and then changed by a person, a second apply undoes it and leaves the change', async () => {
  const { root } = await killedBetween()
  writeFiles(root, { 'src/b.ts': 'mine\n' })
  expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 3, error: { code: 'TREE_CHANGED' } })
  expect(treeOf(root)).toEqual(['other/c.ts: c', 'src/a.ts: a', 'src/b.ts: mine'])
  const session = await openedSession(root)
  expect(recorded(session, 'patch_apply_refused')).toMatchObject([{ payload: { undone: true } }])
})

function linkInstead(root: string, path: string, target: string): void {
  rmSync(join(root, path))
  symlinkSync(target, join(root, path))
  expect(lstatSync(join(root, path)).isSymbolicLink()).toBe(true)
}
