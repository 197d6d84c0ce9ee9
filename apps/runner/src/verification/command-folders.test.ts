import { chmodSync, existsSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { commandFolders, scratchOf } from './command-folders.ts'

test('what a command leaves empty serves the next one', () => {
  const { home, spare, make, clear } = commandFolders(join(temporaryFolder(), 'worktree'))
  make()
  const made = [home, spare].map((path) => statSync(path).ino)
  clear()
  make()
  expect([home, spare].map((path) => statSync(path).ino)).toEqual(made)
})

test.each([
  ['a file', (home: string) => writeFileSync(join(home, 'left'), 'x')],
  ['a folder', (home: string) => writeFiles(home, { 'deep/left': 'x' })],
  ['a home that is closed', (home: string) => chmodSync(home, 0)],
  ['a home that others may enter', (home: string) => chmodSync(home, 0o755)],
  ['no home', (home: string) => rmSync(home, { recursive: true })],
  ['a file for a home', (home: string) => (rmSync(home, { recursive: true }), writeFileSync(home, 'x'))],
])('%s is gone for the next command', (_, leave) => {
  const worktree = join(temporaryFolder(), 'worktree')
  const { home, spare, make, clear } = commandFolders(worktree)
  make()
  leave(home)
  clear()
  expect(existsSync(scratchOf(worktree))).toBe(false)
  make()
  expect([home, spare].map((path) => [statSync(path).mode & 0o777, readdirSync(path)])).toEqual([
    [0o700, []],
    [0o700, []],
  ])
})

test.each(['home', 'scratch'] as const)(
  'a link in place of the %s is removed, and nothing of what it names',
  (place) => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'kept/home/file': 'x', 'kept/root/file': 'x' })
    const worktree = join(folder, 'worktree')
    const { home, make, clear } = commandFolders(worktree)
    make()
    const path = place === 'home' ? home : scratchOf(worktree)
    rmSync(path, { recursive: true })
    symlinkSync(join(folder, 'kept'), path)
    clear()
    make()
    expect(readdirSync(home)).toEqual([])
    expect(['home', 'root'].map((name) => readdirSync(join(folder, 'kept', name)))).toEqual([['file'], ['file']])
  },
)
