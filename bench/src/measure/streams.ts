// Every recorded stream cut in pieces, cut short and damaged: nothing of it may depend on the network, or pass for whole.
import { readFile } from 'node:fs/promises'
import { parseArgs, isDeepStrictEqual } from 'node:util'

import { seededFractions, seededPieces } from '../../../packages/plugin-api/src/testing.ts'
import { isObject, listOf } from '../../../packages/provider-kit/src/index.ts'
import { readCase } from './provider-cases/provider-case.ts'
import { readStream, recordedStream } from './streams/read-stream.ts'
import type { Reading, RecordedStream } from './streams/read-stream.ts'

export interface Result {
  readonly streams: number
  /** Seeded ways to split a stream, and those that changed an event or the outcome. */
  readonly splits: { readonly total: number; readonly faults: number }
  /** Places where a stream was cut short, and those where less than all passed for a success. */
  readonly cuts: { readonly total: number; readonly faults: number }
  /** Bytes that were replaced, and those that crashed or hung the client. */
  readonly damaged: { readonly total: number; readonly faults: number }
  readonly failed: readonly string[]
}

const SPLITS = 50
const SEED = 20_261_121
const MOST_POSITIONS = 1500

/** `--cases FILE`, as `provider-cases` takes it. Prints what went wrong where. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { cases: { type: 'string' } } })
  if (values.cases === undefined) throw new Error('Expected --cases FILE.')
  const file: unknown = JSON.parse(await readFile(values.cases, 'utf8'))
  const cases = listOf(isObject(file) ? file['cases'] : undefined).map(readCase)
  const streams = cases.map(recordedStream).filter((stream) => stream !== undefined)
  const tally = { splits: counter(), cuts: counter(), damaged: counter() }
  const failed = new Set<string>()
  const tried = async (kind: keyof typeof tally, { providerCase }: RecordedStream, fault: () => Promise<string>) => {
    const found = await fault().catch((error: unknown) =>
      error instanceof Error ? error.message : 'it threw no error',
    )
    tally[kind].total += 1
    if (found === '') return
    tally[kind].faults += 1
    failed.add(providerCase.id)
    console.log(`${providerCase.id} (${kind}): ${found}`)
  }
  for (const stream of streams) {
    const whole = await readStream(stream, [stream.bytes])
    for (let split = 0; split < SPLITS; split += 1)
      await tried('splits', stream, () => splitFault(stream, whole, split))
    for (const at of positions(stream.bytes)) {
      await tried('cuts', stream, () => cutFault(stream, whole, at))
      await tried('damaged', stream, () => damageFault(stream, at))
    }
  }
  return { streams: streams.length, ...tally, failed: [...failed] }
}

async function splitFault(stream: RecordedStream, whole: Reading, split: number): Promise<string> {
  const pieces = seededPieces(Buffer.from(stream.bytes), SEED + split, 1 + split).map(({ bytes }) => bytes)
  const reading = await readStream(stream, pieces)
  if (!isDeepStrictEqual(reading.events, whole.events)) return `split ${split} gives other events`
  const same = isDeepStrictEqual(reading.result, whole.result) && reading.error?.code === whole.error?.code
  return same ? '' : `split ${split} gives another outcome`
}

/** A success has all that the whole stream has; only what comes after the end of the answer, its counts, may be missing. */
async function cutFault(stream: RecordedStream, whole: Reading, at: number): Promise<string> {
  const { result } = await readStream(stream, [stream.bytes.subarray(0, at)])
  if (result === undefined) return ''
  if (whole.result === undefined) return whole.error?.code === 'stream_error' ? '' : `the cut at ${at} makes a success`
  const { text, toolCalls, json, finishReason } = whole.result
  const got = { text: result.text, toolCalls: result.toolCalls, json: result.json, finishReason: result.finishReason }
  return isDeepStrictEqual(got, { text, toolCalls, json, finishReason }) ? '' : `the cut at ${at} is a shorter success`
}

async function damageFault(stream: RecordedStream, at: number): Promise<string> {
  const bytes = Buffer.from(stream.bytes)
  bytes[at] = Math.floor(seededFractions(SEED + at)() * 256)
  await readStream(stream, [bytes])
  return ''
}

/** Every position of a short stream, evenly spaced ones of a long one. */
function positions({ length }: Uint8Array): readonly number[] {
  const step = Math.max(1, length / MOST_POSITIONS)
  return Array.from({ length: Math.floor(length / step) }, (_, index) => Math.floor(index * step))
}

function counter(): { total: number; faults: number } {
  return { total: 0, faults: 0 }
}
