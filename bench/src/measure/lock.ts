// `lock`, `lock` again and `check` of a repository, as whole processes, beside repomix and beside reading and hashing once.
import { hash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { median, rounded } from '../interleaved.ts'
import { measuredProcess, type MeasuredProcess } from '../measured-process.ts'

const MAIN = fileURLToPath(new URL('../../../apps/runner/dist/main.js', import.meta.url))
const REPOMIX = fileURLToPath(new URL('../bin/repomix.cjs', import.meta.resolve('repomix')))

interface Figures {
  readonly node: string
  readonly files: number
  readonly megabytes: number
  readonly rounds: number
  readonly read_and_hash_seconds: number
  /** Medians of whole processes. */
  readonly seconds: Readonly<Record<string, number>>
  readonly peak_megabytes: Readonly<Record<string, number>>
  /** How many times longer the peer takes than the first lock, and how much of its memory the lock takes. */
  readonly against: Readonly<Record<string, { readonly faster: number; readonly memory: number }>>
  /** Against reading and hashing every file once. */
  readonly again_ratio: number
  readonly check_ratio: number
}

/**
 * `--files <folder>`: a repository; it is copied and the copy removed. `--rounds N` (3). Measures the built command: run
 * `npm run -s build` first.
 */
export async function measure(args: readonly string[]): Promise<Figures> {
  const options = { files: { type: 'string' }, rounds: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  if (values.files === undefined) throw new Error('Expected --files with the folder of a repository.')
  if (!existsSync(MAIN)) throw new Error(`There is no ${MAIN}. Run \`npm run -s build\` first.`)
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-lock-'))
  try {
    const root = join(folder, 'tree')
    cpSync(values.files, root, { recursive: true, filter: (path) => !/[/\\]\.(?:git|ctxlock)$/.test(path) })
    rmSync(join(root, 'ctxlock.lock'), { force: true })
    return compare(folder, root, Number(values.rounds ?? 3))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compare(folder: string, root: string, rounds: number): Figures {
  const runs = new Map<string, MeasuredProcess[]>()
  const reading: number[] = []
  const run = (work: string, ...args: readonly string[]) => {
    const measured = measuredProcess(root, join(folder, 'peak'), args)
    runs.set(work, [...(runs.get(work) ?? []), measured])
    console.log(`${work}: ${measured.seconds} s, ${measured.peakMegabytes} MB`)
  }
  let tree = { files: 0, bytes: 0 }
  for (let round = 0; round < rounds; round += 1) {
    run('repomix', REPOMIX, '--quiet', '--output', join(folder, 'packed.xml'), '.')
    run('repomix --compress', REPOMIX, '--compress', '--quiet', '--output', join(folder, 'packed.xml'), '.')
    rmSync(join(root, '.ctxlock'), { recursive: true, force: true })
    rmSync(join(root, 'ctxlock.lock'), { force: true })
    run('lock', MAIN, 'lock')
    const started = performance.now()
    tree = readAndHash(root)
    reading.push((performance.now() - started) / 1000)
    run('lock again', MAIN, 'lock')
    run('check', MAIN, 'check')
  }
  const seconds = medians(runs, (measured) => measured.seconds)
  const memory = medians(runs, (measured) => measured.peakMegabytes)
  const limit = median(reading)
  const against = (peer: string) => ({
    faster: rounded((seconds[peer] ?? Number.NaN) / (seconds['lock'] ?? Number.NaN)),
    memory: rounded((memory['lock'] ?? Number.NaN) / (memory[peer] ?? Number.NaN)),
  })
  return {
    node: process.version,
    files: tree.files,
    megabytes: Math.round(tree.bytes / 1e6),
    rounds,
    read_and_hash_seconds: rounded(limit),
    seconds,
    peak_megabytes: memory,
    against: { repomix: against('repomix'), 'repomix --compress': against('repomix --compress') },
    again_ratio: rounded((seconds['lock again'] ?? Number.NaN) / limit),
    check_ratio: rounded((seconds['check'] ?? Number.NaN) / limit),
  }
}

function medians(
  runs: ReadonlyMap<string, readonly MeasuredProcess[]>,
  of: (measured: MeasuredProcess) => number,
): Record<string, number> {
  return Object.fromEntries([...runs].map(([work, measured]) => [work, median(measured.map(of))]))
}

/** The least any tool can do to know the files of a tree by content. */
function readAndHash(root: string): { readonly files: number; readonly bytes: number } {
  let files = 0
  let bytes = 0
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /[/\\]\.ctxlock\b/.test(entry.parentPath)) continue
    const content = readFileSync(join(entry.parentPath, entry.name))
    hash('sha256', content, 'hex')
    files += 1
    bytes += content.length
  }
  return { files, bytes }
}
