// How long the command takes to start, against a bare `node -e 0`: the built package, which is what people install.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { median } from '../interleaved.ts'
import { writeFiles } from '../write-files.ts'

export interface StartupTime {
  readonly work: string
  /** Median milliseconds of a whole process. */
  readonly ms: number
  /** Against bare Node, whose run stands beside every other in the same round. */
  readonly ratio: number
  readonly limit?: number
}

export interface StartupFigures {
  readonly node: string
  readonly rounds: number
  readonly files: number
  readonly times: readonly StartupTime[]
}

const MAIN = fileURLToPath(new URL('../../../apps/runner/dist/main.js', import.meta.url))
const FILES = 12

/** Options: `--rounds <count>` (default 25), `--main <file>` for another build of the command. */
export async function measure(args: readonly string[]): Promise<StartupFigures> {
  const rounds = Number(optionOf(args, '--rounds') ?? 25)
  const main = optionOf(args, '--main') ?? MAIN
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error('Expected --rounds to be a whole number of at least 1.')
  if (!existsSync(main))
    throw new Error(`There is no ${main}. Run \`npm run -s build\` first: what is installed is measured.`)
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-startup-'))
  try {
    makeRepository(folder)
    start(folder, [main, 'lock'])
    return { node: process.version, rounds, files: FILES, times: interleaved(folder, main, rounds) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function interleaved(folder: string, main: string, rounds: number): StartupTime[] {
  const works = [
    { work: 'node -e 0', args: ['-e', '0'] },
    { work: 'ctxlock --version', args: [main, '--version'] },
    { work: 'ctxlock --help', args: [main, '--help'], limit: 2 },
    { work: 'ctxlock check', args: [main, 'check'], limit: 3 },
  ]
  const times = works.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1)
    for (const [index, { args }] of works.entries()) times[index]?.push(start(folder, args))
  const [bare = Number.NaN] = times.map(median)
  return works.map(({ work, limit }, index) => {
    const ms = median(times[index] ?? [])
    return { work, ms: rounded(ms), ratio: rounded(ms / bare), ...(limit !== undefined && { limit }) }
  })
}

/** Milliseconds of one process from start to end. */
function start(folder: string, args: readonly string[]): number {
  const before = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const ms = performance.now() - before
  if (status !== 0)
    throw new Error(`Expected ${args.join(' ')} to exit with 0, got ${status}: ${stderr.toString('utf8')}`)
  return ms
}

/** A small git repository with a config, rules and a few kinds of files, as on the first day. */
function makeRepository(folder: string): void {
  const files: Record<string, string> = {
    'README.md': '# Parcel\n\nParcel moves boxes between depots.\n',
    'AGENTS.md': '# Rules\n\n- Checksums MUST be computed over raw bytes.\n',
    'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md'] } }),
  }
  for (let index = Object.keys(files).length; index < FILES; index += 1)
    files[`src/part-${index}.ts`] =
      `export function part${index}(boxes: number): number {\n  return boxes + ${index}\n}\n`
  writeFiles(folder, Object.entries(files))
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
  git('init', '--quiet')
  git('add', '--all')
  git('-c', 'user.name=startup', '-c', 'user.email=startup@example.invalid', 'commit', '--quiet', '--message', 'start')
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const index = args.indexOf(name)
  return index === -1 ? undefined : args[index + 1]
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
