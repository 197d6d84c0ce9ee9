// Whatever an answer says, and whoever swaps folders meanwhile: only files of modify and create change (MT-053).
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import type { FileChange, RunPatch } from '@ctxlock/contracts/edits'
import type { ArtifactStore } from '@ctxlock/contracts/ports'
import { bytesHash, type Hash } from '@ctxlock/core-hash'
import { readEdits } from '@ctxlock/micro-task'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ApplyStopped, replaceFiles } from '../src/apply/apply-files.ts'
import { inFolderOf, NotPlain } from '../src/edits/held-folder.ts'
import { stageAt } from '../src/edits/plain-file.ts'
import { createWorkspaceReader } from '../src/environment/workspace-reader.ts'
import { temporaryFolder, writeFiles } from './support/workspace.ts'

const SEED = 20261122
const LISTS = { modify: ['src/a.ts', 'src/deep/b.ts', 'link.ts', 'linked/a.ts'], create: ['src/new.ts', 'fresh/c.ts'] }
const EDITABLE = new Set(['work/src/a.ts', 'work/src/deep/b.ts', 'work/src/new.ts', 'work/fresh/c.ts'])
const TEXT = 'one\ntwo\nthree\n'

/** A folder `work` with plain files, links and a repository, and files beside it that nothing may reach. */
function arena(): string {
  const folder = temporaryFolder()
  writeFiles(folder, {
    'outside/a.ts': TEXT,
    'work/src/a.ts': TEXT,
    'work/src/deep/b.ts': TEXT,
    'work/src/other.ts': TEXT,
    'work/.git/hooks/pre-commit': TEXT,
    'work/ctxlock.config.json': '{}',
  })
  symlinkSync('../outside', join(folder, 'work/linked'))
  symlinkSync('src/other.ts', join(folder, 'work/link.ts'))
  return folder
}

/** Every path below a folder with what stands there. */
function pictureOf(folder: string, below = ''): Map<string, string> {
  const picture = new Map<string, string>()
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isSymbolicLink()) picture.set(path, `-> ${readlinkSync(join(folder, path))}`)
    else if (!entry.isDirectory()) picture.set(path, readFileSync(join(folder, path), 'utf8'))
    else for (const [inner, text] of pictureOf(folder, path)) picture.set(inner, text)
  }
  return picture
}

function changedPaths(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
}

/** Takes changes into a tree by the steps of `apply`. */
function applyChanges(root: string, changes: readonly FileChange[]): boolean {
  const objects = new Map<Hash, Uint8Array>()
  const store = (text: string) => {
    const bytes = Buffer.from(text)
    objects.set(bytesHash(bytes), bytes)
    return {
      artifact_id: '11111111-1111-4111-8111-111111111111',
      kind: 'file' as const,
      uri: '/x',
      content_hash: bytesHash(bytes),
      size_bytes: bytes.byteLength,
      classification: 'medium' as const,
      exportable: false,
    }
  }
  const artifacts: Pick<ArtifactStore, 'get'> = { get: (hash) => objects.get(hash) ?? new Uint8Array() }
  const patch: RunPatch = {
    schema_version: 'ctxlock.run_patch@1',
    run_id: '11111111-1111-4111-8111-111111111111',
    created_at: '2026-11-22T00:00:00.000Z',
    files: changes.map(({ path, kind, before, after }) => ({
      path,
      kind,
      before: before === undefined ? null : store(before),
      after: store(after),
    })),
    diff: store(''),
  }
  try {
    replaceFiles(root, patch, artifacts)
  } catch (error) {
    if (error instanceof ApplyStopped) return false
    throw error
  }
  return true
}

const hostilePath = fc.oneof(
  fc.constantFrom(...LISTS.modify, ...LISTS.create),
  fc.constantFrom(
    '../outside/a.ts',
    'src/../../outside/a.ts',
    '/etc/passwd',
    'src/other.ts',
    'SRC/A.ts',
    'src/a.ts ',
    './src/a.ts',
    'src//a.ts',
    'src\\..\\a.ts',
    '.git/hooks/pre-commit',
    '.GIT/config',
    'ctxlock.config.json',
    'linked/../src/a.ts',
    'src/new.ts/x',
    'C:\\x',
    'b/src/a.ts',
    'a/src/a.ts',
    '"src/\\056\\056/a.ts"',
    'src/a.ts\t2026',
    '/dev/null',
  ),
  fc
    .tuple(fc.constantFrom('', 'src/', '../', '.git/'), fc.string({ maxLength: 12, unit: 'binary' }))
    .map((parts) => parts.join('')),
)
const line = fc.oneof(
  fc.constantFrom(
    ' one',
    '-one',
    '+1',
    ' two',
    '-two',
    ' three',
    '-three',
    '+',
    ' ',
    '',
    '\\ No newline at end of file',
  ),
  fc.constantFrom(
    'old mode 100644',
    'new mode 100755',
    'rename to x',
    'deleted file mode 100644',
    'GIT binary patch',
    '```',
  ),
  fc.constantFrom('<mt_diff>', '</mt_diff>', '</mt_file>', '<mt_complete>', '--- a/src/a.ts', '+++ b/.git/config'),
  fc.string({ maxLength: 20 }).map((text) => `+${text}`),
)
const hunk = fc
  .tuple(fc.nat(5), fc.nat(4), fc.nat(5), fc.nat(4), fc.array(line, { maxLength: 6 }))
  .map(([a, b, c, d, lines]) => [`@@ -${a},${b} +${c},${d} @@`, ...lines].join('\n'))
const diff = fc
  .tuple(hostilePath, hostilePath, fc.array(hunk, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([one, other, hunks, isSame]) => `--- a/${one}\n+++ b/${isSame ? one : other}\n${hunks.join('\n')}`)
/** One that fits, so that many runs come through to the disk. */
const sound = fc
  .constantFrom(...LISTS.modify, ...LISTS.create)
  .map((path) => (path.endsWith('b.ts') ? `--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,2 @@\n one\n-two\n+2` : path))
const block = fc.oneof(
  fc.array(diff, { minLength: 1, maxLength: 2 }).map((files) => `<mt_diff>\n${files.join('\n')}\n</mt_diff>`),
  fc
    .tuple(hostilePath, fc.array(line, { maxLength: 5 }))
    .map(([path, lines]) => `<mt_file path="${path}">\n${lines.join('\n')}\n</mt_file>`),
  sound.map((text) =>
    text.includes('\n') ? `<mt_diff>\n${text}\n</mt_diff>` : `<mt_file path="${text}">\nnew text\n</mt_file>`,
  ),
)
const answer = fc.array(fc.oneof({ weight: 5, arbitrary: block }, { weight: 1, arbitrary: line }), { maxLength: 3 })

test('T-MT-07: for any answer, no file outside modify and create changes, and nothing is written through a link', () => {
  let applied = 0
  let folder = arena()
  let before = pictureOf(folder)
  fc.assert(
    fc.property(answer, (parts) => {
      const root = join(folder, 'work')
      const read = readEdits(parts.join('\n'), { files: LISTS, reader: createWorkspaceReader(root) })
      if (read.status !== 'edits') return
      const isApplied = applyChanges(root, read.changes)
      const changed = changedPaths(before, pictureOf(folder))
      if (!isApplied) {
        expect(changed).toEqual([])
        return
      }
      applied += 1
      expect(changed.filter((path) => !EDITABLE.has(path))).toEqual([])
      rmSync(folder, { recursive: true })
      folder = arena()
      before = pictureOf(folder)
    }),
    { seed: SEED, numRuns: 1500 },
  )
  expect(applied).toBeGreaterThan(50)
})

test('a folder that is swapped for a link while it is written to never leads out', async () => {
  const folder = temporaryFolder()
  writeFiles(folder, { 'outside/a.ts': TEXT, 'work/src/a.ts': TEXT })
  const root = join(folder, 'work')
  mkdirSync(join(folder, 'away'))
  const swapper = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('node:fs')
      const [src, away, outside] = process.argv.slice(1)
      console.log('swapping')
      for (;;) {
        try { fs.renameSync(src, away + '/src'); fs.symlinkSync(outside, src) } catch {}
        try { fs.unlinkSync(src); fs.renameSync(away + '/src', src) } catch {}
      }`,
      join(root, 'src'),
      join(folder, 'away'),
      join(folder, 'outside'),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  await new Promise((resolve) => swapper.stdout.once('data', resolve))
  let written = 0
  let refused = 0
  try {
    const end = performance.now() + 1500
    for (let round = 0; performance.now() < end; round += 1) {
      try {
        const isThere = inFolderOf(root, 'src/a.ts', { makeFolders: false }, (place) => {
          stageAt(`${place}.tmp`, Buffer.from(`round ${round}\n`), 0o644)
          renameSync(`${place}.tmp`, place)
          return true
        })
        if (isThere === true) written += 1
      } catch (error) {
        // Or the folder was gone at that very moment.
        if (error instanceof NotPlain) refused += 1
      }
    }
  } finally {
    swapper.kill('SIGKILL')
  }
  expect(readFileSync(join(folder, 'outside/a.ts'), 'utf8')).toBe(TEXT)
  expect(readdirSync(join(folder, 'outside'))).toEqual(['a.ts'])
  expect([written > 0, refused > 0]).toEqual([true, true])
})
