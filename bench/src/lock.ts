// Building and checking a lockfile beside the least any tool can do: read every file and hash it. The tree is this
// repository's own TypeScript, repeated under other names until it has the size asked for.
import { hash } from 'node:crypto'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { createRedactor } from '../../packages/ace-validators/src/redactor.ts'
import { openArtifactStore } from '../../packages/artifact-store/src/index.ts'
import {
  buildContextPack,
  buildLockfile,
  checkLockfile,
  describeBuilder,
  formatLockfile,
  lockedSource,
  openPackCache,
  parseLockfile,
  type ContextPackResult,
  type PackCache,
} from '../../packages/context-pack/src/index.ts'
import type { ArtifactStore, SourceReader } from '../../packages/contracts/src/ports.ts'
import { inTransaction } from '../../packages/contracts/src/sql-transaction.ts'
import { codePointsPerFour } from '../../packages/contracts/src/token-counter.ts'
import { median } from './interleaved.ts'

export interface Row {
  readonly work: string
  /** Median milliseconds: the work, and reading and hashing the same files in the same round. */
  readonly ms: number
  readonly read_and_hash_ms: number
  readonly ratio: number
  readonly megabytes_per_second: number
}

export interface Result {
  readonly node: string
  readonly files: number
  readonly megabytes: number
  readonly lockfile_bytes: number
  readonly rows: readonly Row[]
}

/** 5,000 files of 40 MB, three rounds. */
export async function run(): Promise<Result> {
  return measureLock({ files: 5000, megabytes: 40, rounds: 3 })
}

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..')
const clock = { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0 }
const redactor = createRedactor()
const builder = describeBuilder({ redactor })

export function measureLock(size: {
  readonly files: number
  readonly megabytes: number
  readonly rounds: number
}): Result {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  try {
    const tree = writeTree(folder, size.files, size.megabytes * 1_000_000)
    const times = new Map<string, number[]>()
    let lockfile = ''
    for (let round = 0; round < size.rounds; round += 1) lockfile = oneRound(folder, tree.paths, round, times)
    const limit = median(times.get('read and hash') ?? [])
    times.delete('read and hash')
    return {
      node: process.version,
      files: tree.paths.length,
      megabytes: Number((tree.bytes / 1e6).toFixed(1)),
      lockfile_bytes: lockfile.length,
      rows: [...times].map(([work, list]) => row(work, median(list), limit, tree.bytes)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every kind of work once, so that all of them meet the same noise. Returns the lockfile. */
function oneRound(folder: string, paths: readonly string[], round: number, times: Map<string, number[]>): string {
  const timed = <Value>(work: string, run: () => Value): Value => {
    const start = performance.now()
    const value = run()
    times.set(work, [...(times.get(work) ?? []), performance.now() - start])
    return value
  }
  const database = new DatabaseSync(join(folder, `state-${round}.db`))
  database.exec('PRAGMA journal_mode = WAL')
  const store = openArtifactStore({ database, files: noFiles, clock })
  const cache = openPackCache(database)
  const reader = readerOf(folder)

  const hashes = timed('read and hash', () =>
    paths.map((path) => ({ path, hash: hash('sha256', readFileSync(join(folder, path)), 'hex') })),
  )
  const built = timed('build every pack and keep it', () => packAll(paths, reader, database, store, cache))
  timed('reuse every pack', () => packAll(paths, reader, database, store, cache))
  const text = timed('write the lockfile', () => {
    const sources = built.map((result) => lockedSource(result)).filter((source) => 'hash' in source)
    return formatLockfile(
      buildLockfile({ builder, tokenCounter: codePointsPerFour.id, sources, excluded: [], rolePacks: [], tasks: [] }),
    )
  })
  const check = timed('read the lockfile and compare', () =>
    checkLockfile(parseLockfile(text), { builder, sources: hashes }),
  )
  if (check.status !== 'matches') throw new Error(`Expected the lockfile to match, got ${check.status}.`)
  database.close()
  return text
}

function packAll(
  paths: readonly string[],
  reader: SourceReader,
  database: DatabaseSync,
  store: ArtifactStore,
  cache: PackCache,
): ContextPackResult[] {
  return inTransaction(database, () =>
    paths.map((path) => {
      const previous = cache.latest(`file:${path}`)
      const result = buildContextPack({
        path,
        reader,
        redactor,
        store,
        clock,
        tokenCounter: codePointsPerFour,
        ...(previous && { previous }),
      })
      if (result.status === 'not_packed') throw new Error(`Expected a pack of ${path}, got ${result.reason}.`)
      cache.put({ record: result.record, tokens: { counterId: codePointsPerFour.id, count: result.source.tokens } })
      return result
    }),
  )
}

function readerOf(folder: string): SourceReader {
  return { read: (path) => ({ status: 'read', bytes: readFileSync(join(folder, path)) }) }
}

/** Packs are smaller than what the store puts into files of their own. */
const noFiles = {
  read: () => undefined,
  writeAtomic: () => {
    throw new Error('Expected every pack to fit into the database.')
  },
  exists: () => false,
  list: () => [],
  remove: () => {},
}

function writeTree(
  folder: string,
  files: number,
  bytes: number,
): { readonly paths: readonly string[]; readonly bytes: number } {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: repository })
    .sort()
    .map((path) => readFileSync(join(repository, path), 'utf8'))
  const average = bytes / files
  const paths: string[] = []
  let written = 0
  for (let index = 0; paths.length < files; index += 1) {
    // As many sources in one file as the average size takes.
    let text = ''
    while (text.length < average * 0.7) text += `${sources[(index += 1) % sources.length]}\n`
    const path = `src/${String(paths.length % 100).padStart(2, '0')}/file-${paths.length}.ts`
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    const content = `// File ${paths.length}.\n${text}`
    writeFileSync(join(folder, path), content)
    written += Buffer.byteLength(content)
    paths.push(path)
  }
  return { paths, bytes: written }
}

function row(work: string, ms: number, limit: number, bytes: number): Row {
  return {
    work,
    ms: Math.round(ms),
    read_and_hash_ms: Math.round(limit),
    ratio: Number((ms / limit).toFixed(2)),
    megabytes_per_second: Math.round(bytes / 1000 / ms),
  }
}
