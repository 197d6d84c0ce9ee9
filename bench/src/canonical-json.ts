// Canonical text and hash beside JSON.stringify; beside the questions that have to be asked before a value is read, which
// with the writing is the limit of any checking serializer in JavaScript; and beside the npm package `canonicalize`, which
// writes RFC 8785 as well but checks and normalises nothing.
import { hash } from 'node:crypto'

import canonicalizePeer from 'canonicalize'

import { canonicalHash, canonicalize } from '../../packages/core-hash/src/index.ts'
import { RECORDS, valueOfSize } from './canonical-records.ts'
import { askQuestions } from './canonical-questions.ts'
import { median, rounded } from './interleaved.ts'

export interface Row {
  readonly object: string
  readonly work: 'text' | 'hash'
  /** UTF-8 bytes of the JSON text. */
  readonly bytes: number
  /** Median microseconds of JSON.stringify, or of SHA-256 over its text; of ours; of the peer. */
  readonly native_us: number
  readonly canonical_us: number
  readonly peer_us: number
  /** Ours, and the peer's, as multiples of native. */
  readonly ratio: number
  readonly peer_ratio: number
  /** The questions alone, nothing written, as a multiple of native. */
  readonly questions_ratio: number
}

const SIZES = [1_000, 100_000, 5_000_000]
/** Long enough for the compiler to settle on all. */
const WARM_UP_MS = 300

/** One row per kind of object, size and work; medians over 101 rounds, 9 for the largest. */
export async function run(): Promise<{ node: string; peer: string; rows: Row[] }> {
  return { node: process.version, peer: 'canonicalize', rows: compare(SIZES) }
}

export function compare(sizes: readonly number[], rounds?: number): Row[] {
  return Object.entries(RECORDS).flatMap(([object, makeRecord]) =>
    sizes.flatMap((size) => compareValue(object, valueOfSize(makeRecord, size), rounds)),
  )
}

/** A row for the text and one for the hash of a value. */
export function compareValue(object: string, value: unknown, rounds?: number): Row[] {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  // Short turns: on a shared machine the longer ones, which are the slower writers', are interrupted more often.
  const repeats = Math.max(1, Math.round(30_000 / bytes))
  const turns = rounds ?? (bytes > 1_000_000 ? 9 : 101)
  const text = race(value, [JSON.stringify, canonicalize, peerText, questions], repeats, turns)
  const hashes = race(value, [hashOfJson, canonicalHash, hashOfPeer, questions], repeats, turns)
  return [rowOf(object, 'text', bytes, text), rowOf(object, 'hash', bytes, hashes)]
}

function rowOf(object: string, work: Row['work'], bytes: number, times: readonly number[]): Row {
  const [native = 0, canonical = 0, peer = 0, asking = 0] = times.map((milliseconds) => milliseconds * 1000)
  return {
    object,
    work,
    bytes,
    native_us: rounded(native),
    canonical_us: rounded(canonical),
    peer_us: rounded(peer),
    ratio: rounded(canonical / native),
    peer_ratio: rounded(peer / native),
    questions_ratio: rounded(asking / native),
  }
}

type Write = (value: unknown) => string

/** All take turns in every round, so that all meet the same noise; median milliseconds of each. */
function race(value: unknown, writers: readonly Write[], repeats: number, rounds: number): number[] {
  const times = writers.map((): number[] => [])
  for (const warm = performance.now() + Math.min(WARM_UP_MS, 30 * rounds); performance.now() < warm;)
    for (const write of writers) time(write, value, repeats)
  for (let round = 0; round < rounds; round++)
    writers.forEach((write, index) => times[index]?.push(time(write, value, repeats)))
  return times.map(median)
}

function time(write: Write, value: unknown, repeats: number): number {
  let total = 0
  const start = performance.now()
  // Reading a character keeps the work from being optimised away.
  for (let repeat = 0; repeat < repeats; repeat++) total += write(value).charCodeAt(0)
  const milliseconds = (performance.now() - start) / repeats
  if (!(total >= 0)) throw new Error('Expected text from the serializer.')
  return milliseconds
}

const questions: Write = (value) => String(askQuestions(value))
const peerText: Write = (value) => canonicalizePeer(value) ?? ''
const hashOfJson: Write = (value) => hash('sha256', JSON.stringify(value), 'hex')
const hashOfPeer: Write = (value) => hash('sha256', peerText(value), 'hex')
