import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { borrowedAscii, isAscii } from '../../unicode/ascii.ts'
import { codeUnits } from '../../unicode/code-units.ts'
import type { Range } from '../decoding/derived-text.ts'
import { reaches, type SearchTable } from '../reaches.ts'
import { fillCells, mayPart, showsWords } from './gaps.ts'
import { buildLetterAutomaton } from './letter-automaton.ts'
import { PLAIN, type Reader } from './reader.ts'
import { createReaders } from './readers.ts'
import { plainLetters } from './readings.ts'

/** One place where the letters of a pattern follow each other; `offset` and `length` count letters. */
export interface LetterHit extends Range {
  readonly pattern: InjectionPattern
  readonly offset: number
  readonly length: number
}

export interface LetterFinding {
  /** `L` for plain letters, `LM` with markup left out, `LS` with digits and strokes read as letters. */
  readonly viewId: string
  readonly hits: readonly LetterHit[]
}

/** Looks only at letters, whatever they are written with and whatever stands between them. */
export interface LetterScanner {
  /**
   * What each way of reading shows that shows anything, in order; read only as far as it is asked for. `isClean` says that
   * `plain` is known to find nothing.
   */
  findings(text: string, options?: LetterOptions): Generator<LetterFinding, void>
  /** Looks for the letters of the patterns in an ASCII text as it stands; what it does not find there, `L` does not show. */
  readonly plain: SearchTable
}

interface LetterOptions {
  readonly relevant?: (range: Range) => boolean
  readonly isClean?: boolean
}

/** A pattern as the letters that are looked for. */
interface Spelled {
  readonly pattern: InjectionPattern
  readonly letters: string
  /** After how many letters a word ends, but for the last. */
  readonly breaks: ReadonlySet<number>
}

const MOST = 64
/** Fewer letters say nothing: they follow each other in any text. */
const SHORTEST = 8
/** Letters whose places are remembered: as many as the longest pattern has. */
const RECENT = 512

/** Takes the patterns that consist of ASCII letters and spaces; the views look for the others. */
export function createLetterScanner(patterns: readonly InjectionPattern[]): LetterScanner {
  const spelled = patterns.flatMap((pattern) => CIPHERS.flatMap((cipher) => spell(pattern, cipher)))
  const readers = createReaders()
  const letterAutomaton = buildLetterAutomaton(spelled.map(({ letters }) => letters))
  const plain = letterAutomaton.search(PLAIN)
  const searches = new Map([[PLAIN, plain]])

  function searchOf({ others }: Reader): SearchTable {
    const search = searches.get(others) ?? letterAutomaton.search(others)
    searches.set(others, search)
    return search
  }

  /** Every place where the letters of a pattern go by and what is between them lets them be read. */
  function hitsOf(text: string, reader: Reader, relevant: (range: Range) => boolean): LetterHit[] {
    const hits: LetterHit[] = []
    const starts = new Int32Array(RECENT)
    const ends = new Int32Array(RECENT)
    let state = 0
    let count = 0
    const read = reader.reading(text)
    for (let index = 0; index < text.length && hits.length < MOST;) {
      const { letters, end } = read(index)
      for (const letter of letters) {
        starts[count % RECENT] = index
        ends[count % RECENT] = end
        count += 1
        state = letterAutomaton.step(state, letter)
        for (const number of letterAutomaton.endingIn(state)) {
          const hit = judge(text, spelled[number], { starts, ends, count })
          if (hit && relevant(hit)) hits.push(hit)
        }
      }
      index = end
    }
    return hits
  }

  /** Whether a reader may show anything. */
  function asked(text: string, isClean: boolean): (reader: Reader) => boolean {
    const units = isAscii(text) ? undefined : codeUnits(text)
    let isPlainFound = isClean ? false : undefined
    return (reader) => {
      const source = units ?? borrowedAscii(text)
      const codes = reader.encode(text, source)
      // Without markup there is nothing that the plain letters do not show.
      if (codes === source && reader.others === PLAIN) return (isPlainFound ??= reaches(plain, codes))
      return reaches(searchOf(reader), codes)
    }
  }

  return {
    plain,
    *findings(text, { relevant = () => true, isClean = false } = {}) {
      if (spelled.length === 0) return
      const shows = asked(text, isClean)
      for (const reader of readers) {
        if (!shows(reader)) continue
        const hits = hitsOf(text, reader, relevant)
        if (hits.length > 0) yield { viewId: reader.viewId, hits }
      }
    },
  }
}

/** The places of the letters read last, by their number. */
interface Places {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly count: number
}

function judge(text: string, found: Spelled | undefined, { starts, ends, count }: Places): LetterHit | undefined {
  if (found === undefined) return undefined
  const { pattern, letters, breaks } = found
  const offset = count - letters.length
  const startOf = (letter: number) => starts[letter % RECENT] ?? 0
  const endOf = (letter: number) => ends[letter % RECENT] ?? 0
  const gapAfter = (letter: number) => text.slice(endOf(letter), Math.max(endOf(letter), startOf(letter + 1)))
  // Most hits are words written as one, such as names in code, or joined by a sign.
  const mayBeSpelled = breaks.has(1) || gapAfter(offset) !== ''
  for (const length of breaks) {
    const gap = gapAfter(offset + length - 1)
    if (gap === '' || (!mayBeSpelled && !mayPart(gap))) return undefined
  }
  const inside: string[] = []
  const between: string[] = []
  for (let letter = offset; letter < count - 1; letter += 1)
    (breaks.has(letter + 1 - offset) ? between : inside).push(gapAfter(letter))
  const [start, end] = [startOf(offset), endOf(count - 1)]
  if (!showsWords({ inside, between }) && !fillCells({ inside, between }, text, { start, end })) return undefined
  return { pattern, offset, length: letters.length, start, end }
}

/** Ciphers without a key, which models read like plain text. */
const CIPHERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Array.from(text).reverse().join(''),
  (text) => text.replace(/\S+/g, (word) => Array.from(word).reverse().join('')),
  (text) => shifted(text, (letter) => (letter + 13) % 26),
  (text) => shifted(text, (letter) => 25 - letter),
]

function shifted(text: string, shift: (letter: number) => number): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCharCode(0x61 + shift(letter.charCodeAt(0) - 0x61)))
}

function spell(pattern: InjectionPattern, cipher: (text: string) => string): Spelled[] {
  const words = plainLetters(cipher(pattern.text.toLowerCase().trim())).split(/\s+/)
  const letters = words.join('')
  if (!/^[a-z]+$/.test(letters) || letters.length < SHORTEST || letters.length > RECENT) return []
  let length = 0
  return [{ pattern, letters, breaks: new Set(words.slice(0, -1).map((word) => (length += word.length))) }]
}
