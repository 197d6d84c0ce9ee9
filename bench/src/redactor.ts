// The redactor over this repository's own TypeScript and prose: whole files as `lock` scans them, and short fields as packs
// quote them. The limit is adding up the bytes of the same texts: nobody looks at a text with less work.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createRedactor } from '../../packages/ace-validators/src/redactor.ts'
import { median } from './interleaved.ts'

export interface Row {
  readonly work: string
  readonly texts: number
  readonly megabytes: number
  /** Median CPU milliseconds of the work and of adding up the bytes. */
  readonly ms: number
  readonly limit_ms: number
  readonly ratio: number
  readonly megabytes_per_second: number
  readonly microseconds_each: number
}

const ROUNDS = 9
const LEAST_UNITS = 16_000_000
const repository = join(dirname(fileURLToPath(import.meta.url)), '../..')

export async function run(): Promise<{ node: string; rows: Row[] }> {
  return { node: process.version, rows: compare(LEAST_UNITS, ROUNDS) }
}

export function compare(units: number, rounds: number): Row[] {
  const redactor = createRedactor()
  const files = globSync('{packages,apps}/*/{src/**/*.ts,README.md}', { cwd: repository })
    .toSorted()
    .map((path) => readFileSync(join(repository, path), 'utf8'))
  const fields = files.flatMap((text) => text.split('\n')).filter(({ length }) => length >= 50 && length <= 200)
  return [
    race('detect in files', repeated(files, units), (text) => redactor.detect(text), rounds),
    race('redact short fields', repeated(fields, units), (text) => redactor.redact(text), rounds),
  ]
}

function race(work: string, texts: readonly string[], subject: (text: string) => unknown, rounds: number): Row {
  const bytes = texts.map((text) => Buffer.from(text))
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round += 1) {
    const taken = [cpuTime(() => texts.forEach(subject)), cpuTime(() => bytes.forEach(sum))] as const
    // The first round warms up.
    if (round > 0) taken.forEach((time, index) => times[index]?.push(time))
  }
  const [ms, limit] = [median(times[0]), median(times[1])]
  const units = texts.reduce((total, { length }) => total + length, 0)
  return {
    work,
    texts: texts.length,
    megabytes: Number((units / 1e6).toFixed(1)),
    ms: Math.round(ms),
    limit_ms: Math.round(limit),
    ratio: Number((ms / limit).toFixed(1)),
    megabytes_per_second: Math.round(units / 1000 / ms),
    microseconds_each: Number(((ms * 1000) / texts.length).toPrecision(3)),
  }
}

function repeated(texts: readonly string[], units: number): string[] {
  const length = texts.reduce((total, text) => total + text.length, 0)
  return Array.from({ length: Math.ceil(units / length) }, () => texts).flat()
}

let seen = 0
function sum(bytes: Uint8Array): void {
  let total = 0
  for (let index = 0; index < bytes.length; index += 1) total = (total + (bytes[index] ?? 0)) | 0
  // Keeping the answer keeps the work from being optimised away.
  seen = (seen + total) | 0
}

/** Time on the processor, so that other programs on the machine do not count. */
function cpuTime(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
