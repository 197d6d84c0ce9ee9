import { BundleLine } from '@ctxlock/contracts/evidence-bundle'
import { canonicalize } from '@ctxlock/core-hash'

import type { BundleProblem } from './bundle-problem.ts'

export interface ReadLine {
  /** Counted from 1. */
  readonly line: number
  /** Where it begins in the file. */
  readonly start: number
  readonly record: BundleLine
}

const LINE_FEED = 0x0a
const KINDS: readonly BundleLine['kind'][] = ['bundle', 'checkpoint', 'event', 'object', 'receipt', 'seal']

/** Takes a file apart into its records, in the order in which they have to stand. Every byte of it is untrusted. */
export function readLines(file: Uint8Array, problems: BundleProblem[]): ReadLine[] {
  const read: ReadLine[] = []
  let kind = -1
  for (let [start, line] = [0, 1]; start < file.length; line += 1) {
    const end = file.indexOf(LINE_FEED, start)
    const record = end === -1 ? undefined : recordIn(file.subarray(start, end))
    const next = record ? KINDS.indexOf(record.kind) : -1
    // The head comes first and once, the seal last and once.
    const isInPlace = (line === 1) === (next === 0) && next >= kind && kind < KINDS.length - 1
    if (!record) problems.push({ line, problem: 'line_unreadable' })
    else if (!isInPlace) problems.push({ line, problem: 'line_out_of_place' })
    else {
      read.push({ line, start, record })
      kind = next
    }
    start = end === -1 ? file.length : end + 1
  }
  return read
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function recordIn(bytes: Uint8Array): BundleLine | undefined {
  try {
    const text = decoder.decode(bytes)
    const parsed = BundleLine.safeParse(JSON.parse(text))
    // A second spelling of the same record would be a second file with the same meaning.
    return parsed.success && canonicalize(parsed.data) === text ? parsed.data : undefined
  } catch {
    return undefined
  }
}
