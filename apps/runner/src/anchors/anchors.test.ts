import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createRegistry } from '@ctxlock/plugin-api'
import { sinkConformance } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { offlineContext } from '../providers/offline-context.ts'
import { createFileAnchor } from './file-anchor.ts'
import { gitAnchorPlugin } from './git-anchor.ts'

const REF = 'refs/ctxlock/log'
const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim()

function folderFor(): string {
  return mkdtempSync(join(tmpdir(), 'ctxlock-anchor-'))
}

function repository(): string {
  const folder = folderFor()
  git(folder, 'init', '-q')
  return folder
}

const gitAnchor = (folder: string) =>
  createRegistry([{ source: 'ctxlock', plugin: gitAnchorPlugin(folder) }]).create(
    'sink',
    'git',
    {},
    offlineContext(nodeEnvironment),
  )

const placeIn = <Sink>(folder: string, open: (folder: string) => Sink) => ({
  open: () => open(folder),
  remove: () => rmSync(folder, { recursive: true }),
})

describe('the file anchor', () => {
  for (const { name, run } of sinkConformance({ place: () => placeIn(folderFor(), createFileAnchor) })) test(name, run)

  test('has the wider tile in the place of the narrower one', async () => {
    const folder = folderFor()
    const anchor = createFileAnchor(folder)
    const request = { origin: 'log', root: '', consistencyProof: () => [] }
    const tile = (path: string) => () => [{ path, bytes: Buffer.from(path) }]
    await anchor.anchor({ ...request, size: 3, note: 'log\n3\n', tiles: tile('tile/0/000.p/3') })
    await anchor.anchor({ ...request, size: 4, note: 'log\n4\n', tiles: tile('tile/0/000.p/4') })
    expect(readdirSync(join(folder, 'log/tile/0/000.p'))).toEqual(['4'])
    await anchor.anchor({ ...request, size: 256, note: 'log\n256\n', tiles: tile('tile/0/000') })
    expect(readdirSync(join(folder, 'log/tile/0'))).toEqual(['000'])
    expect(readFileSync(join(folder, 'log/checkpoint'), 'utf8')).toBe('log\n256\n')
    rmSync(folder, { recursive: true })
  })

  test('says what stands in the place of its checkpoint, and waits for no FIFO', async () => {
    const folder = folderFor()
    mkdirSync(join(folder, 'log'))
    execFileSync('mkfifo', [join(folder, 'log/checkpoint')])
    await expect(createFileAnchor(folder).latest()).rejects.toMatchObject({ code: 'CHECKPOINT_UNREADABLE' })
    rmSync(folder, { recursive: true })
  })
})

describe('the git anchor', () => {
  for (const { name, run } of sinkConformance({ place: () => placeIn(repository(), gitAnchor) })) test(name, run)

  test('keeps every checkpoint as a commit and touches nothing else', async () => {
    const folder = repository()
    writeFileSync(join(folder, 'a'), 'staged')
    git(folder, 'add', 'a')
    const before = git(folder, 'status', '--porcelain=v2', '--branch')
    const anchor = await gitAnchor(folder)
    const request = { origin: 'log', root: '', consistencyProof: () => [], tiles: () => [] }
    for (const size of [3, 4]) await anchor.anchor({ ...request, size, note: `log\n${size}\n` })
    expect(git(folder, 'log', '--format=%s', REF).split('\n')).toEqual([
      'Checkpoint over 4 events',
      'Checkpoint over 3 events',
    ])
    expect(git(folder, 'show', `${REF}~1:checkpoint`)).toBe('log\n3')
    expect(git(folder, 'status', '--porcelain=v2', '--branch')).toBe(before)
    rmSync(folder, { recursive: true })
  })

  test('outside a repository says so, and keeps nothing', async () => {
    const folder = folderFor()
    const anchor = await gitAnchor(folder)
    expect(await anchor.latest()).toBeUndefined()
    const request = { origin: 'log', size: 1, root: '', note: 'log\n1\n', consistencyProof: () => [], tiles: () => [] }
    await expect(anchor.anchor(request)).rejects.toThrow('git hash-object failed')
    rmSync(folder, { recursive: true })
  })
})
