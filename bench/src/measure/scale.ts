// Time and peak memory of `lock`, `lock` again and `check` over a tree of realistic sizes, each as a process of its own.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { measuredProcess } from '../measured-process.ts'
import { languageOf, writeText } from './generated-files/languages.ts'
import { logNormal, seededRandom } from './generated-files/random.ts'

interface Step {
  readonly command: string
  readonly seconds: number
  /** The most memory the process held at any moment. */
  readonly peak_megabytes: number
}

export interface Result {
  readonly node: string
  readonly command: 'built' | 'source'
  readonly files: number
  readonly megabytes: number
  readonly lockfile_megabytes: number
  readonly steps: readonly Step[]
}

const BUILT = fileURLToPath(new URL('../../../apps/runner/dist/main.js', import.meta.url))
const SOURCE = fileURLToPath(new URL('../../../apps/runner/src/main.ts', import.meta.url))
/** What people install, if it was built; TypeScript takes some memory for itself. */
const MAIN = existsSync(BUILT) ? BUILT : SOURCE
const FILES_A_FOLDER = 40
const MEDIAN_SIZE = 3000
const LARGEST = 200_000

/** `--files N` (100,000), `--seed N` (1). The tree stands in a temporary folder and is removed. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { files: { type: 'string' }, seed: { type: 'string' } } })
  const files = Number(values.files ?? 100_000)
  if (!Number.isSafeInteger(files) || files < 1) throw new Error('Expected --files to be a whole number from 1 up.')
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-scale-'))
  try {
    const root = join(folder, 'tree')
    const bytes = writeTree(root, files, Number(values.seed ?? 1))
    const steps = [['init'], ['lock'], ['lock'], ['check']].map((command) => run(root, join(folder, 'peak'), command))
    return {
      node: process.version,
      command: MAIN === BUILT ? 'built' : 'source',
      files,
      megabytes: Math.round(bytes / 1e6),
      lockfile_megabytes: Number((statSync(join(root, 'ctxlock.lock')).size / 1e6).toFixed(1)),
      steps,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function writeTree(root: string, files: number, seed: number): number {
  const random = seededRandom(seed)
  let bytes = 0
  for (let index = 0; index < files; index += 1) {
    const language = languageOf(random)
    const group = Math.floor(index / FILES_A_FOLDER)
    const path = join(root, `area-${group % 50}`, `part-${group}`, `file-${index}.${language.extension}`)
    const text = writeText(language, random, Math.min(LARGEST, logNormal(random, MEDIAN_SIZE, 1.2)))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    bytes += text.length
  }
  return bytes
}

function run(cwd: string, peakFile: string, args: readonly string[]): Step {
  const { seconds, peakMegabytes } = measuredProcess(cwd, peakFile, [MAIN, ...args])
  const step = { command: args.join(' '), seconds, peak_megabytes: peakMegabytes }
  console.log(`${step.command}: ${step.seconds} s, ${step.peak_megabytes} MB`)
  return step
}
