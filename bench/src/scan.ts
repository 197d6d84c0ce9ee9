// Looking through text: every view of the injection scanner, all of them together, and the redactor, beside
// String.prototype.includes for the four built-in patterns over the same text, which is the least anybody can do.
import { createRedactor } from '../../packages/ace-validators/src/redactor.ts'
import { createScanner } from '../../packages/ace-validators/src/scanner.ts'
import { BUILT_IN_PATTERNS, compilePatterns } from '../../packages/ace-validators/src/scanner/patterns.ts'
import { transform } from '../../packages/ace-validators/src/scanner/views.ts'
import { median, rounded } from './interleaved.ts'

export interface Row {
  readonly text: string
  /** A view on its own, computed and searched; `scan` with its number of patterns; or `redactor`. */
  readonly work: string
  /** Median milliseconds for one MiB of UTF-16 units. */
  readonly includes_ms: number
  readonly ms: number
  readonly ratio: number
  readonly million_units_per_second: number
}

const MEBI = 1 << 20
const ROUNDS = 9

/** One row per kind of text and kind of work; subject and peer take turns, medians over the rounds. */
export async function run(): Promise<{ node: string; unicode: string; peer: string; rows: Row[] }> {
  const unicode = process.versions.unicode ?? 'unknown'
  return { node: process.version, unicode, peer: 'String.prototype.includes, 4 patterns', rows: compare(MEBI, ROUNDS) }
}

export function compare(units: number, rounds: number): Row[] {
  const work = workOf()
  return Object.entries(TEXTS).flatMap(([text, unit]) => {
    const value = unit.repeat(Math.ceil(units / unit.length))
    return Object.entries(work).map(([kind, look]) => {
      const [includes, subject] = race(
        () => includesAny(value),
        () => look(value),
        rounds,
      )
      const share = units / value.length
      return {
        text,
        work: kind,
        includes_ms: rounded(includes * share),
        ms: rounded(subject * share),
        ratio: rounded(subject / includes),
        million_units_per_second: Math.round(value.length / 1000 / subject),
      }
    })
  })
}

/** None holds a pattern or a secret: the whole text has to be looked at. */
const TEXTS: Readonly<Record<string, string>> = {
  code: 'export function area(width: number, height: number): number {\n  return width * height // px\n}\n',
  'code with a dash': `${'const total = items.reduce((sum, item) => sum + item.price, 0)\n'.repeat(20)}// rounded — see below\n`,
  'French prose': "L'été dernier, les élèves ont été interrogés à propos de la façon dont ils préparent l'épreuve.\n",
  Chinese: '配置文件列出了所有来源，每一个来源都带有它的散列值；一旦文件改变，就会被拒绝。\n',
  'text with marks': 'e\u0301le\u0300ve a\u0302ge\u0301 de\u0301ja\u0300 vu, '.repeat(4),
  'white space': `${' '.repeat(100)}x`,
}

function workOf(): Record<string, (text: string) => unknown> {
  const views = compilePatterns([]).map(({ view, automaton }): [string, (text: string) => unknown] => [
    view.id,
    (text) => automaton.contains(transform(view, text)),
  ])
  const scans = [4, 100, 500].map((count): [string, (text: string) => unknown] => {
    const patterns = Array.from({ length: count - 4 }, (_, number) => ({
      id: `P${number}`,
      text: `pattern number ${number} of a profile`,
    }))
    const scanner = createScanner({ patterns })
    return [`scan, ${count} patterns`, (text) => scanner.find(text)]
  })
  const redactor = createRedactor({ secrets: ['canary-0123456789abcdef'] })
  return Object.fromEntries([...views, ...scans, ['redactor', (text: string) => redactor.detect(text)]])
}

function includesAny(text: string): boolean {
  return BUILT_IN_PATTERNS.some((pattern) => text.includes(pattern.text))
}

function race(peer: () => unknown, subject: () => unknown, rounds: number): [number, number] {
  const times: [number[], number[]] = [[], []]
  peer()
  subject()
  for (let round = 0; round < rounds; round += 1) {
    times[0].push(time(peer))
    times[1].push(time(subject))
  }
  return [median(times[0]), median(times[1])]
}

function time(work: () => unknown): number {
  const started = performance.now()
  const found = work()
  const milliseconds = performance.now() - started
  // Looking at the answer keeps the work from being optimised away.
  if (found === true || (typeof found === 'object' && !Array.isArray(found)))
    throw new Error('Expected nothing to be found.')
  return milliseconds
}
