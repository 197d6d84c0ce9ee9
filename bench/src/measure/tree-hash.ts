// Hashing a whole tree by content, as `lock` and `check` do it, beside git, sha256sum and the limit: opening and reading
// every file without hashing it. All runs are warm: the page cache holds the tree after the first.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import { createWorkspaceHasher, type DigestOptions } from '../../../apps/runner/src/environment/workspace-digests.ts'
import { openFileHashing, type FileDigest } from '../../../packages/core-hash/src/files.ts'
import { SourceClass } from '../../../packages/contracts/src/config.ts'
import { interleaved, ratio, rounded } from '../interleaved.ts'

/** The thread as it is published; from source it would first have to take the types out of what it loads. */
const BUILT = new URL('../../../apps/runner/dist/digest-worker.js', import.meta.url)
const SOURCE = new URL('../../../apps/runner/src/environment/digest-worker.ts', import.meta.url)
const FILES = 50_000
const ROUNDS = 7

/** `--files DIR`; without it a tree of 50,000 files is made in a temporary folder. `--rounds N` and `--count N` for less. */
export async function measure(args: readonly string[]): Promise<object> {
  const options = { files: { type: 'string' }, rounds: { type: 'string' }, count: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const folder = values.files ?? mkdtempSync(join(tmpdir(), 'ctxlock-tree-'))
  try {
    if (values.files === undefined) writeTree(folder, Number(values.count ?? FILES))
    return await compare(folder, Number(values.rounds ?? ROUNDS))
  } finally {
    if (values.files === undefined) rmSync(folder, { recursive: true })
  }
}

/** Every class of file is a source here: the peers look into no file either. */
function optionsOf(root: string): DigestOptions {
  return { root, keep: { classes: SourceClass.options, paths: [] } }
}

async function compare(folder: string, rounds: number): Promise<object> {
  const paths = filesOf(folder)
  const digests = await digestsOf(folder, paths)
  const mismatches = countMismatches(folder, paths, digests)
  const ms = await interleaved(
    {
      read_only: () => readAll(folder, paths),
      one_thread: () => createWorkspaceHasher(optionsOf(folder))(paths),
      ctxlock: () => digestsOf(folder, paths),
      git_hash_object: () => run(folder, 'git', ['hash-object', '--stdin-paths'], `${paths.join('\n')}\n`),
      sha256sum: () => sha256sum(folder, paths),
    },
    rounds,
  )
  return {
    node: process.version,
    worker: existsSync(BUILT) ? 'built' : 'source',
    files: paths.length,
    megabytes: rounded(digests.reduce((sum, digest) => sum + (digest.status === 'hashed' ? digest.size : 0), 0) / 1e6),
    mismatches,
    rounds,
    ms,
    times_faster_than_git: ratio(ms, 'git_hash_object', 'ctxlock'),
    times_faster_than_sha256sum: ratio(ms, 'sha256sum', 'ctxlock'),
    times_the_limit: ratio(ms, 'ctxlock', 'read_only'),
  }
}

function digestsOf(folder: string, paths: readonly string[]): Promise<FileDigest[]> {
  const workerData = optionsOf(folder)
  const hashing = openFileHashing({
    hasher: createWorkspaceHasher(workerData),
    startWorker: () => new Worker(existsSync(BUILT) ? BUILT : SOURCE, { workerData }),
  })
  for (const path of paths) hashing.add(path)
  return hashing.finish()
}

/** Regular files outside git's data, whose names every contender can be told in a line. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/(?:^|\/)\.(?:git|ctxlock)(?:\/|$)|[\n\\]|\uFFFD/.test(path))
}

/** Files whose hash is another than what sha256sum says. */
function countMismatches(folder: string, paths: readonly string[], digests: readonly { path: string }[]): number {
  const expected = sha256sum(folder, paths).trimEnd().split('\n')
  const found = digests.map((digest) => `${'hash' in digest ? String(digest.hash) : ''}  ${digest.path}`)
  return expected.filter((line, index) => line !== found[index]).length
}

function sha256sum(folder: string, paths: readonly string[]): string {
  return run(folder, 'xargs', ['-0', 'sha256sum', '--'], paths.join('\0'))
}

function run(cwd: string, command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, input, maxBuffer: 1 << 30, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Expected ${command} to hash the files: ${stderr}`)
  return stdout
}

const buffer = Buffer.allocUnsafeSlow(256 * 1024)

function readAll(folder: string, paths: readonly string[]): number {
  let total = 0
  for (const path of paths) {
    const descriptor = openSync(`${folder}/${path}`, 'r')
    for (let count = -1; count !== 0; total += count) count = readSync(descriptor, buffer)
    closeSync(descriptor)
  }
  return total
}

/** Sizes as in source trees: most of a few kilobytes, some large; 7 KB on average. */
function writeTree(folder: string, count: number): void {
  const text = Buffer.from('export const value = 1 // the same text again\n'.repeat(50_000))
  for (let index = 0; index < count; index++) {
    const parent = join(folder, `package-${index % 50}`, `part-${Math.floor(index / 50) % 25}`)
    if (index < 50 * 25) mkdirSync(parent, { recursive: true })
    writeFileSync(join(parent, `file-${index}.ts`), text.subarray(index % 1000, (index % 1000) + sizeOf(index)))
  }
}

/** Log-normal from the index alone, so that every machine gets the same tree. */
function sizeOf(index: number): number {
  const uniform = (salt: number): number => (((index + salt) * 2_654_435_761) % 2 ** 32) / 2 ** 32 || 0.5
  const normal = Math.sqrt(-2 * Math.log(uniform(1))) * Math.cos(2 * Math.PI * uniform(7919))
  return Math.min(1_000_000, Math.round(Math.exp(8 + 1.3 * normal)))
}
