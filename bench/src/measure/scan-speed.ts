// How fast the injection scanner looks through text: ASCII text beside one `String.includes` pass over it, and texts made to hold
// it up.
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { createScanner } from '../../../packages/ace-validators/src/scanner.ts'
import { BUILT_IN_PATTERNS } from '../../../packages/ace-validators/src/scanner/patterns.ts'
import { rounded } from '../interleaved.ts'
import { hostileTexts } from './scan-speed/hostile-texts.ts'
import { leastTimes, processorTime, wallTime } from './scan-speed/least-times.ts'
import { scannerParts } from './scan-speed/scanner-parts.ts'

interface Speed {
  readonly ms: number
  /** How many times longer than the peer. */
  readonly ratio: number
  readonly limit: number
}

export interface Result {
  readonly node: string
  readonly peer: string
  /** UTF-16 units. */
  readonly units: number
  readonly ascii: readonly {
    /** UTF-16 units that are scanned at a time. */
    readonly chunk: number
    readonly includes_ms: number
    readonly mandatory: Speed
    readonly all: Speed
  }[]
  /** Of hostile texts. */
  readonly hostile: {
    readonly texts: number
    /** Of UTF-8, as in a file, each. */
    readonly bytes: number
    readonly limit_ms: number
    /** Of how many views of how many texts a view took longer than the limit, slowest first. */
    readonly over: readonly { readonly text: string; readonly view: string; readonly ms: number }[]
    /** The text on which the scanner as a whole, without packs, took longest. */
    readonly slowest: { readonly text: string; readonly ms: number }
  }
}

const MEBI = 1 << 20
const LARGEST = 65_536
const SIZES = [LARGEST, 1500]
const LIMITS = { mandatory: 6, all: 40, view_ms: 50 }
const SOURCES = fileURLToPath(new URL('../../../packages', import.meta.url))

/** `--files PATH`, any number of times: files or folders of text, this repository's packages if left out. `--rounds N`: 25 if left out. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { files: { type: 'string', multiple: true }, rounds: { type: 'string' } },
  })
  const rounds = Number(values.rounds ?? 25)
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error('Expected --rounds to be a whole number of at least 1.')
  return compare(readText(values.files ?? [SOURCES], MEBI), rounds)
}

/** The hostile texts have as many bytes as it has units. */
export function compare(text: string, rounds: number): Result {
  const ascii = asciiWithoutPatterns(text)
  return {
    node: process.version,
    peer: `String.includes(${JSON.stringify(peerPattern())})`,
    units: ascii.length,
    ascii: SIZES.map((chunk) => ({ chunk, ...speeds(chunksOf(ascii, chunk), rounds) })),
    hostile: hostile(hostileTexts(ascii.length), ascii.length),
  }
}

/** A few texts at a time, so that what else the machine does falls into few of the times. */
function speeds(texts: readonly string[], rounds: number) {
  const scanner = createScanner()
  const mandatoryView = scannerParts().find(({ name: part }) => part === 'V0')
  const pattern = peerPattern()
  const works = groupsOf(texts).flatMap((group) => [
    () => group.filter((text) => text.includes(pattern)),
    () => group.map((text) => mandatoryView?.look(text)),
    () => group.map((text) => scanner.find(text)),
  ])
  const least = leastTimes(works, rounds, wallTime)
  const sum = (work: number) => least.filter((_, index) => index % 3 === work).reduce((total, ms) => total + ms, 0)
  const speed = (ms: number, limit: number): Speed => ({ ms: rounded(ms), ratio: rounded(ms / sum(0)), limit })
  return {
    includes_ms: rounded(sum(0)),
    mandatory: speed(sum(1), LIMITS.mandatory),
    all: speed(sum(2), LIMITS.all),
  }
}

function hostile(texts: Readonly<Record<string, string>>, bytes: number): Result['hostile'] {
  const scanner = createScanner()
  const parts = scannerParts()
  const whole = { name: 'all', views: 1, look: (text: string) => scanner.find(text) }
  const measured = Object.entries(texts).flatMap(([text, value]) => {
    const least = leastTimes(
      [...parts, whole].map((part) => () => part.look(value)),
      3,
      processorTime,
    )
    return [...parts, whole].map((part, index) => ({
      text,
      view: part.name,
      ms: rounded((least[index] ?? Number.NaN) / part.views),
    }))
  })
  const slowestFirst = measured.toSorted((a, b) => b.ms - a.ms)
  const slowest = slowestFirst.find(({ view }) => view === whole.name)
  return {
    texts: Object.keys(texts).length,
    bytes,
    limit_ms: LIMITS.view_ms,
    over: slowestFirst.filter(({ view, ms }) => view !== whole.name && ms > LIMITS.view_ms),
    slowest: { text: slowest?.text ?? '', ms: slowest?.ms ?? 0 },
  }
}

/** Files in the order of their names until there is enough of them. */
function readText(paths: readonly string[], length: number): string {
  let text = ''
  for (const path of paths) {
    for (const file of filesOf(path)) {
      if (text.length >= length) break
      text += readFileSync(file, 'utf8')
    }
  }
  if (text === '') throw new Error('Expected --files to name files or folders with text.')
  return text.repeat(Math.ceil(length / text.length)).slice(0, length)
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  const exclude = ['**/node_modules/**', '**/dist/**']
  const found = globSync('**/*.{ts,tsx,js,py,go,rs,java,md,mdx,txt}', { cwd: path, exclude })
  return found.toSorted().map((file) => join(path, file))
}

/** All of it has to be looked at. In one piece of memory, as a file that was read is. */
function asciiWithoutPatterns(text: string): string {
  const words = BUILT_IN_PATTERNS.map((pattern) => pattern.text.replace(' ', '.{0,3}')).join('|')
  const ascii = text.replace(/[^\0-\x7f]/g, '-').replace(new RegExp(words, 'gis'), '-')
  return Buffer.from(ascii, 'latin1').toString('latin1')
}

function chunksOf(text: string, size: number): string[] {
  const count = Math.ceil(text.length / size)
  return Array.from({ length: count }, (_, index) =>
    Buffer.from(text.slice(index * size, (index + 1) * size), 'latin1').toString('latin1'),
  )
}

/** As many texts as are together about as long as the largest. */
function groupsOf(texts: readonly string[]): string[][] {
  const size = Math.max(1, Math.floor(LARGEST / (texts[0]?.length ?? LARGEST)))
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, index) =>
    texts.slice(index * size, (index + 1) * size),
  )
}

function peerPattern(): string {
  return BUILT_IN_PATTERNS[0]?.text ?? ''
}
