import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { expect, test } from 'vitest'

import { makeWorkspace, readTree, temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { lockedPaths } from './copied-tree.ts'
import { shallowClone } from './shallow-clone.ts'

test('a clone has the tree as it is: what was changed, added, deleted or renamed since the commit, staged or not', async () => {
  const root = committed({
    'a.md': 'a\n',
    'deleted.md': 'deleted\n',
    'moved.md': 'moved\n'.repeat(20),
    'kept.md': 'kept\n',
  })
  gitIn(root, 'mv', 'moved.md', 'to.md')
  renameSync(join(root, 'kept.md'), join(root, 'kept-elsewhere.md'))
  rmSync(join(root, 'deleted.md'))
  writeFiles(root, { 'a.md': 'changed\n', 'new.md': 'new\n' })

  const clone = await shallowClone(root, temporaryFolder(), lockedPaths(root), new AbortController().signal)
  if ('skipped' in clone) throw new Error(clone.skipped)
  const filesOf = (folder: string) =>
    readTree(folder)
      .map(({ path, bytes }) => `${relative(folder, path)}: ${String(bytes)}`)
      .filter((file) => !file.startsWith('.git/'))
      .toSorted()
  expect(filesOf(clone.root)).toEqual(filesOf(root))
  expect(clone.uncommitted).toBe(7)
})

test('a clone of a sparse checkout has what the checkout has', async () => {
  const root = committed({ 'a/in.md': 'in\n', 'b/out.md': 'out\n' })
  symlinkSync('nowhere', join(root, 'a', 'dangling'))
  gitIn(root, 'add', '--all')
  gitIn(root, 'commit', '--quiet', '--message', 'two')
  gitIn(root, 'sparse-checkout', 'set', 'a')
  const clone = await shallowClone(root, temporaryFolder(), lockedPaths(root), new AbortController().signal)
  if ('skipped' in clone) throw new Error(clone.skipped)
  expect(readTree(clone.root).map(({ path }) => relative(clone.root, path))).toContain('a/in.md')
  expect(existsSync(join(clone.root, 'b/out.md'))).toBe(false)
  expect(readlinkSync(join(clone.root, 'a', 'dangling'))).toBe('nowhere')
  expect(clone.uncommitted).toBe(0)
})

test('nothing that the config of the repository names runs, and an edited file is laid over all the same', async () => {
  const root = committed({ '.gitattributes': '* filter=a=b.c\n', 'a.md': 'a\n', 'b.md': 'b\n' })
  const trap = join(temporaryFolder(), 'ran')
  const evil = `sh -c 'echo $0 >> ${trap}'`
  for (const key of ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'diff.external', 'uploadpack.packObjectsHook'])
    gitIn(root, 'config', key, evil)
  writeFileSync(
    join(root, '.git', 'more'),
    `[filter "a=b.c"]\nclean = ${JSON.stringify(evil)}\nprocess = ${JSON.stringify(evil)}\nsmudge = ${JSON.stringify(evil)}\nrequired = true\n`,
  )
  gitIn(root, 'config', 'include.path', 'more')
  for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction'])
    writeFileSync(join(root, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> ${trap}\n`, { mode: 0o755 })
  writeFiles(root, { 'a.md': 'edited\n' })

  const clone = await shallowClone(root, temporaryFolder(), lockedPaths(root), new AbortController().signal)
  expect(existsSync(trap)).toBe(false)
  if ('skipped' in clone) throw new Error(clone.skipped)
  expect(readFileSync(join(clone.root, 'a.md'), 'utf8')).toBe('edited\n')
})

test.each([
  ['', ''],
  ['a workspace in a folder of the repository', 'in'],
])(
  'a folder that stands where a link is committed is not laid over what the link leads to %s',
  async (_, workspace) => {
    const elsewhere = makeWorkspace({ 'a.md': 'theirs\n', 'in/a.md': 'theirs\n' })
    const root = committed({ 'kept.md': 'kept\n' })
    symlinkSync(elsewhere, join(root, 'link'))
    symlinkSync(elsewhere, join(root, 'in'))
    gitIn(root, 'add', '--all')
    gitIn(root, 'commit', '--quiet', '--message', 'two')
    // git is told not to look, so that it names no difference.
    gitIn(root, 'update-index', '--skip-worktree', 'link', 'in')
    for (const link of ['link', 'in']) rmSync(join(root, link))
    writeFiles(root, { 'link/a.md': 'ours\n', 'in/a.md': 'ours\n' })

    const at = join(root, workspace)
    const clone = await shallowClone(at, temporaryFolder(), lockedPaths(at), new AbortController().signal)
    if ('skipped' in clone) throw new Error(clone.skipped)
    expect(readFileSync(join(clone.root, workspace === '' ? 'link/a.md' : 'a.md'), 'utf8')).toBe('ours\n')
    for (const path of ['a.md', 'in/a.md']) expect(readFileSync(join(elsewhere, path), 'utf8')).toBe('theirs\n')
  },
)

/** A repository with these files in its one commit. */
function committed(files: Readonly<Record<string, string>>): string {
  const root = makeWorkspace(files)
  gitIn(root, 'init', '--quiet')
  gitIn(root, 'add', '--all')
  gitIn(root, 'commit', '--quiet', '--message', 'one')
  return root
}

function gitIn(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd, stdio: 'ignore' })
}
