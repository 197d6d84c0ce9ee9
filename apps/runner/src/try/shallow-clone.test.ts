import { execFileSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

import { expect, test } from 'vitest'

import { makeWorkspace, readTree, temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { lockedPaths } from './copied-tree.ts'
import { shallowClone } from './shallow-clone.ts'

test('a clone has the tree as it is: what was changed, added, deleted or renamed since the commit, staged or not', async () => {
  const root = makeWorkspace({
    'a.md': 'a\n',
    'deleted.md': 'deleted\n',
    'moved.md': 'moved\n'.repeat(20),
    'kept.md': 'kept\n',
  })
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root, stdio: 'ignore' })
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'one')
  git('mv', 'moved.md', 'to.md')
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
