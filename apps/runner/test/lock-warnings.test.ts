// What `init` and `lock` say about where they write, and about what was hardly meant.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { git } from './support/edited-run.ts'
import { ctxlock } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const config = (sources: object) => JSON.stringify({ schema_version: 'ctxlock.config@1', sources })

test('a lockfile that git ignores is named with the pattern, its file and line, until it is taken back in', async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE, '.gitignore': 'out/\n*.lock\n' })
  git(root, 'init', '-q')
  for (const command of ['init', 'lock', 'lock']) {
    const { code, stdout } = await ctxlockHere([command], root)
    expect([command, code]).toEqual([command, 0])
    expect(stdout).toContain('git ignores ctxlock.lock: *.lock in .gitignore, line 2; add !ctxlock.lock')
  }
  writeFileSync(join(root, '.gitignore'), 'out/\n*.lock\n!ctxlock.lock\n')
  expect((await ctxlockHere(['lock'], root)).stdout).not.toContain('warning')
})

test('a workspace further up is named, with the option that takes this folder', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  git(root, 'init', '-q')
  const below = join(root, 'src')
  for (const command of ['init', 'lock', 'lock']) {
    expect((await ctxlock([command], { cwd: below })).stdout).toContain(
      `workspace  ${root}, the nearest folder upwards`,
    )
  }
  expect((await ctxlock(['lock'], { cwd: root })).stdout).not.toContain('workspace  ')
  expect((await ctxlockHere(['lock'], root)).stdout).not.toContain('workspace  ')
})

test('only a repository is spoken of as one', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const said = [await ctxlockHere(['init'], root), await ctxlockHere(['lock'], root)].map(({ stdout }) => stdout).join()
  expect(said).not.toMatch(/ignored by git|commit/)
})

test('a git directory is no workspace', async () => {
  const root = makeWorkspace({})
  git(root, 'init', '-q', '--bare')
  for (const command of ['init', 'lock', 'check']) {
    const { code, error } = await ctxlockHere([command], root)
    expect([code, error?.code]).toEqual([2, 'WORKSPACE_IS_GIT'])
  }
  expect((await ctxlock(['lock'], { cwd: root })).code).toBe(2)
})

test('patterns that match nothing, and a lock of nothing, are named each time', async () => {
  const root = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': config({
      exportable: ['scr/**', 'src/**', '!src/secret/**'],
      trust: { low: ['third/**'], high: ['README.md'] },
    }),
  })
  for (const _ of ['at first', 'again']) {
    const { code, stdout } = await ctxlockHere(['lock'], root)
    expect(code).toBe(0)
    expect(stdout.match(/^warning .*$/gm)).toEqual([
      'warning    `sources.exportable` of the config: scr/** matches no file',
      'warning    `sources.trust.low` of the config: third/** matches no file',
    ])
  }
  writeFileSync(join(root, 'ctxlock.config.json'), config({ include: ['nothing/**'] }))
  const { stdout } = await ctxlockHere(['lock'], root)
  expect(stdout).toContain('warning    `sources.include` of the config: nothing/** matches no file')
  expect(stdout).toContain('warning    there is no source')
})

test('what a sparse checkout has not got is named each time, and no more when it is there', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  git(root, 'init', '-q')
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', 'one')
  git(root, 'sparse-checkout', 'set', 'docs-src')
  for (const _ of ['at first', 'again']) {
    const { code, stdout } = await ctxlockHere(['lock'], root)
    expect(code).toBe(0)
    expect(stdout).toContain('warning    this sparse checkout has not got src/checksum.ts and 1 more: ')
  }
  git(root, 'sparse-checkout', 'disable')
  expect((await ctxlockHere(['lock'], root)).stdout).not.toContain('warning')
})
