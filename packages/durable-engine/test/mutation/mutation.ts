import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Mutant } from './mutants.ts'

export interface Verdict {
  readonly mutant: string
  readonly caught: boolean
  /** Conformance cases that failed. */
  readonly cases: number
  /** The seed of the simulator that failed, and what it saw. */
  readonly seed: number | null
  readonly problem: string | null
  /** The mutant made no end, which is caught too. */
  readonly hung: boolean
}

const PACKAGE = join(import.meta.dirname, '..', '..')
const PATIENCE_MS = 60_000

/** Judges the engine with one mistake in it, or without any, in a copy of this package. */
export async function judgeMutant(mutant: Mutant | undefined, seeds: number, firstSeed = 1): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-mutant-'))
  try {
    for (const part of ['package.json', 'src', 'test'])
      cpSync(join(PACKAGE, part), join(folder, part), { recursive: true })
    symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'))
    if (mutant) plant(join(folder, 'src', mutant.file), mutant)
    const output = await judged(folder, [String(firstSeed), String(seeds)])
    const name = mutant?.name ?? 'none'
    if (output === undefined) return { mutant: name, caught: true, cases: 0, seed: null, problem: null, hung: true }
    const { failedCases, failedSeed, problem } = output
    const caught = failedCases.length > 0 || failedSeed !== null
    return { mutant: name, caught, cases: failedCases.length, seed: failedSeed, problem, hung: false }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function plant(path: string, { name, find, replace }: Mutant): void {
  const source = readFileSync(path, 'utf8')
  const places = source.split(find).length - 1
  if (places !== 1)
    throw new Error(`Expected the text of the mutant "${name}" once in ${path}, got it ${places} times.`)
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
}

interface Judgement {
  readonly failedCases: readonly string[]
  readonly failedSeed: number | null
  readonly problem: string | null
}

/** What the judge says; nothing when it comes to no end. */
function judged(folder: string, args: readonly string[]): Promise<Judgement | undefined> {
  const judge = spawn(process.execPath, [join(folder, 'test', 'mutation', 'judge.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const patience = setTimeout(() => judge.kill('SIGKILL'), PATIENCE_MS)
  let [output, errors] = ['', '']
  judge.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  judge.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  return new Promise((resolve, reject) =>
    judge.on('close', (code, signal) => {
      clearTimeout(patience)
      if (signal === 'SIGKILL') resolve(undefined)
      else if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1) ?? ''))
      else reject(new Error(`Expected a judgement, got exit ${code}: ${errors.slice(0, 2000)}`))
    }),
  )
}
