import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { commitAll, git, textOf } from '../../test/support/edited-run.ts'
import { openedSession } from '../../test/support/governed-calls.ts'
import { makeWorkspace, temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { removeAbandonedWorktrees } from './abandoned-worktrees.ts'
import { openEditWorktree } from './edit-worktree.ts'

const RUN = '11111111-1111-4111-8111-111111111111'
const DEAD = '22222222-2222-4222-8222-222222222222'

test('what a dead process left is removed with its entry in the repository; that of a living one stays', async () => {
  const root = makeWorkspace({ 'src/a.ts': 'a\n' })
  commitAll(root)
  const session = await openedSession(root)
  const living = openEditWorktree(session, RUN, (work) => work())
  onTestFinished(() => living.close())
  const { folder } = session.state
  const dead = join(folder, 'worktrees', DEAD)
  git(root, 'worktree', 'add', '--quiet', '--detach', dead)
  writeFiles(folder, { [`worktrees/${DEAD}.scratch/home/x`]: 'x', [`owners/${DEAD}.lock`]: '' })

  expect(removeAbandonedWorktrees(root, folder)).toEqual([])
  expect([dead, `${dead}.scratch`, living.folder].map(existsSync)).toEqual([false, false, true])
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(2)
  expect(existsSync(join(folder, 'owners', `${DEAD}.lock`))).toBe(false)
})

test('nothing is removed through a link', async () => {
  const root = makeWorkspace({ 'src/a.ts': 'a\n' })
  const elsewhere = temporaryFolder()
  writeFiles(elsewhere, { [`${DEAD}/mine`]: 'mine' })
  const { state } = await openedSession(root)
  symlinkSync(elsewhere, join(state.folder, 'worktrees'))
  expect(removeAbandonedWorktrees(root, state.folder)).toEqual([])
  expect(textOf(elsewhere, `${DEAD}/mine`)).toBe('mine')
})

test('a link among the worktrees goes, what it names stays', async () => {
  const root = makeWorkspace({ 'src/a.ts': 'a\n' })
  commitAll(root)
  const mine = join(temporaryFolder(), 'mine')
  git(root, 'worktree', 'add', '--quiet', '--detach', mine)
  const { state } = await openedSession(root)
  mkdirSync(join(state.folder, 'worktrees'))
  symlinkSync(mine, join(state.folder, 'worktrees', DEAD))
  expect(removeAbandonedWorktrees(root, state.folder)).toEqual([])
  expect(existsSync(join(state.folder, 'worktrees', DEAD))).toBe(false)
  expect(textOf(mine, 'src/a.ts')).toBe('a\n')
  expect(git(root, 'worktree', 'list')).toContain(mine)
})
