import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test, vi } from 'vitest'

import { makeWorkspace, writeFiles } from '../../test/support/workspace.ts'
import { startFileWatcher } from './file-watcher.ts'

/** Says of each step whether a change at this path was reported after it. */
function watched(files: Readonly<Record<string, string>>) {
  const root = makeWorkspace(files)
  const seen = new Set<string | null>()
  const onFailure = vi.fn()
  const close = startFileWatcher(root, (path) => seen.add(path?.replaceAll('\\', '/') ?? null), onFailure)
  onTestFinished(close)
  return {
    root,
    seen,
    onFailure,
    close,
    async reports(path: string, step: () => void): Promise<void> {
      // What came before has been told by now.
      await new Promise((resolve) => setTimeout(resolve, 100))
      seen.clear()
      step()
      await vi.waitFor(() => expect([...seen]).toContain(path), { timeout: 5_000 })
    },
  }
}

test('a file is watched on after it was replaced, as editors and git do it', async () => {
  const { root, reports } = watched({ 'src/a.md': 'one\n' })
  await reports('src/a.md', () => {
    writeFiles(root, { 'src/a.md.new': 'two\n' })
    renameSync(join(root, 'src/a.md.new'), join(root, 'src/a.md'))
  })
  await reports('src/a.md', () => writeFiles(root, { 'src/a.md': 'three\n' }))
  await reports('src/a.md', () => {
    rmSync(join(root, 'src/a.md'))
    writeFiles(root, { 'src/a.md': 'four\n' })
  })
  await reports('src/a.md', () => writeFiles(root, { 'src/a.md': 'five\n' }))
})

test('folders that are renamed, made anew or moved in are watched with all below, and those that went are not', async () => {
  const { root, seen, reports } = watched({ 'src/deep/a.md': 'one\n' })
  await reports('moved', () => renameSync(join(root, 'src'), join(root, 'moved')))
  await reports('moved/deep/a.md', () => writeFiles(root, { 'moved/deep/a.md': 'two\n' }))
  await reports('moved', () => renameSync(join(root, 'moved'), join(root, 'src')))
  await reports('src', () => {
    rmSync(join(root, 'src'), { recursive: true })
    mkdirSync(join(root, 'src/deep'), { recursive: true })
  })
  await reports('src/deep/b.md', () => writeFiles(root, { 'src/deep/b.md': 'three\n' }))
  expect([...seen].filter((path) => path?.startsWith('moved'))).toEqual([])
})

test('thousands of files that come and go at once are told of, and what follows too', async () => {
  const { root, reports, onFailure } = watched({ 'src/a.md': 'one\n' })
  const many = Array.from({ length: 3_000 }, (_, index) => `src/${index}.md`)
  await reports('src/2999.md', () => writeFiles(root, Object.fromEntries(many.map((path) => [path, 'x\n']))))
  await reports('src/2999.md', () => many.forEach((path) => rmSync(join(root, path))))
  await reports('src/a.md', () => writeFiles(root, { 'src/a.md': 'two\n' }))
  expect(onFailure).not.toHaveBeenCalled()
})

test('a watcher that is closed tells of nothing', async () => {
  const { root, seen, close } = watched({ 'src/a.md': 'one\n' })
  close()
  await new Promise((resolve) => setTimeout(resolve, 100))
  seen.clear()
  writeFiles(root, { 'src/a.md': 'two\n' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect([...seen]).toEqual([])
})
