// `ctxlock apply`, killed before every file it puts in place: the next apply finishes it, or undoes it when a person edited since.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { ctxlock } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { editedRun, textOf, wholeFiles } from './support/edited-run.ts'
import { makeWorkspace, writeFiles } from './support/workspace.ts'

const PRELOAD = fileURLToPath(new URL('./support/kill-at-rename.ts', import.meta.url))
const BEFORE = { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n' }
const AFTER = { 'new/c.ts': 'c\n', 'src/a.ts': 'A\n', 'src/b.ts': 'B\n' }

async function applyKilledAt(rename: number) {
  const root = makeWorkspace(BEFORE)
  await editedRun(root, { modify: Object.keys(BEFORE), create: ['new/c.ts'] }, wholeFiles(AFTER))
  const env = { NODE_OPTIONS: `--import ${PRELOAD}`, CTXLOCK_TEST_KILL_AT: String(rename) }
  const { signal } = await ctxlock(['apply', 'last'], { cwd: root, env })
  const done = Object.entries(AFTER).filter(
    ([path, text]) => existsSync(`${root}/${path}`) && textOf(root, path) === text,
  )
  return { root, wasKilled: signal === 'SIGKILL', replaced: done.length }
}

/** Nothing of an `apply` is left beside the files. */
function leftovers(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ctxlock.tmp'))
}

test('at every file', async () => {
  const seen = new Set<number>()
  for (let rename = 1; ; rename += 1) {
    const { root, wasKilled, replaced } = await applyKilledAt(rename)
    seen.add(replaced)
    expect(await ctxlockHere(['apply', 'last'], root), `killed before rename ${rename}`).toMatchObject({ code: 0 })
    expect(Object.keys(AFTER).map((path) => textOf(root, path))).toEqual(Object.values(AFTER))
    expect(leftovers(root)).toEqual([])
    expect((await ctxlockHere(['verify'], root)).code).toBe(0)
    if (!wasKilled) break
  }
  // Before the first, between any two, and after the last.
  expect(seen).toEqual(new Set([0, 1, 2, 3]))
}, 60_000)

test('two at once: one writes, the other finds nothing left to do', async () => {
  const root = makeWorkspace(BEFORE)
  await editedRun(root, { modify: Object.keys(BEFORE), create: ['new/c.ts'] }, wholeFiles(AFTER))
  const both = await Promise.all([1, 2].map(() => ctxlock(['apply', 'last'], { cwd: root })))
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(Object.keys(AFTER).map((path) => textOf(root, path))).toEqual(Object.values(AFTER))
  expect(leftovers(root)).toEqual([])
  expect((await ctxlockHere(['verify'], root)).code).toBe(0)
})

test('between two files, and a person edits the one that is left', async () => {
  for (let rename = 1; ; rename += 1) {
    const { root, replaced } = await applyKilledAt(rename)
    if (replaced !== 2) continue
    const doctor = () => ctxlockHere(['doctor'], root)
    expect(await doctor()).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/2 of 3 files .* it finishes\n +ctxlock apply [0-9a-f]{8}\n/),
    })
    writeFiles(root, { 'src/b.ts': 'mine\n' })
    expect((await doctor()).stdout).toContain('it puts them back, because of src/b.ts')
    expect(await ctxlockHere(['apply', 'last'], root)).toMatchObject({ code: 3, error: { code: 'TREE_CHANGED' } })
    expect(['src/a.ts', 'src/b.ts'].map((path) => textOf(root, path))).toEqual(['a\n', 'mine\n'])
    expect(existsSync(`${root}/new/c.ts`)).toBe(false)
    expect(leftovers(root)).toEqual([])
    expect((await doctor()).stdout).toBe('nothing is stuck\n')
    break
  }
}, 60_000)
