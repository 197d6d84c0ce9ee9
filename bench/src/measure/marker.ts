// A marker in everything a call carries, and in everything its server may repeat: how often it shows where it must not.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { markerCase, OUTCOMES } from './marker/marker-case.ts'
import { playMarker } from './marker/play-marker.ts'

export interface Result {
  readonly seed: number
  readonly total: number
  /** Calls that ended with an error, by how they were meant to end. */
  readonly failed: Readonly<Record<string, number>>
  /** Cases with the marker in an error, a stack, the record of an answer, the client, printed output or a file. */
  readonly hits: number
  readonly hitCases: readonly number[]
}

const AT_ONCE = 8

/** `--cases N` (10,000), `--seed S`. Prints the index and kind of every case with a hit. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { cases: { type: 'string', default: '10000' }, seed: { type: 'string', default: '20261121' } },
  })
  const [total, seed] = [Number(values.cases), Number(values.seed)]
  if (!(Number.isSafeInteger(total) && total > 0 && Number.isSafeInteger(seed)))
    throw new Error('Expected --cases N and --seed S to be whole numbers.')
  const failed: Record<string, number> = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]))
  const hitCases: number[] = []
  const markers = new Set<string>()
  const output = await watched(async () => {
    let index = 0
    const work = async (): Promise<void> => {
      for (let at = index++; at < total; at = index++) {
        const each = markerCase(seed, at)
        markers.add(each.marker)
        const { failed: ended, shown } = await playMarker(each)
        if (ended) failed[each.outcome] = (failed[each.outcome] ?? 0) + 1
        if (shown.includes(each.marker)) hitCases.push(at)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  })
  for (const at of hitCases) {
    const { ours, theirs, marker: _marker, ...kind } = markerCase(seed, at)
    console.log(`case ${at}: ${JSON.stringify({ ...kind, ours: [...ours], theirs: [...theirs] })}`)
  }
  const printed = [...markers].filter((marker) => output.includes(marker)).length
  return { seed, total, failed, hits: hitCases.length + printed, hitCases }
}

/** All that is printed, and all that is written into the working folder, while `work` runs. */
async function watched(work: () => Promise<void>): Promise<string> {
  const pieces: string[] = []
  const streams = [process.stdout, process.stderr]
  const writes = streams.map((stream) => stream.write)
  const folder = mkdtempSync(join(tmpdir(), 'marker-'))
  const before = process.cwd()
  process.chdir(folder)
  for (const stream of streams) stream.write = (chunk: Uint8Array | string) => pieces.push(String(chunk)) > 0
  try {
    await work()
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return [...pieces, ...files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))].join('\n')
  } finally {
    streams.forEach((stream, index) => Object.assign(stream, { write: writes[index] }))
    process.chdir(before)
    rmSync(folder, { recursive: true })
  }
}
