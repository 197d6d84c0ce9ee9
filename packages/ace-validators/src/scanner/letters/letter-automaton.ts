import type { SearchTable } from '../reaches.ts'
import { buildTransitions } from '../transitions.ts'
import { lettersOf } from './readings.ts'

const SHIFT = 7
const ASCII = Array.from({ length: 1 << SHIFT }, (_, code) => String.fromCharCode(code))

/** Finds words of small ASCII letters in letters with anything between them. */
export interface LetterAutomaton {
  /** Looks for the words in an ASCII text of which only the letters count, in either case, and what else is read as a letter. */
  search(others: ReadonlyMap<string, string>): SearchTable
  /** The state after a letter; 0 is the first. */
  step(state: number, letter: string): number
  /** The numbers of the words that end in a state. */
  endingIn(state: number): readonly number[]
}

export function buildLetterAutomaton(words: readonly string[]): LetterAutomaton {
  const { classes, next, shift, firstAccepting, outputs } = buildTransitions(words, false)
  function search(others: ReadonlyMap<string, string>): SearchTable {
    const accepting = next.length >> shift
    const table = new Uint16Array((accepting + 1) << SHIFT).fill(accepting)
    const letters = ASCII.map((character) => others.get(character) ?? lettersOf(character))
    for (let state = 0; state < firstAccepting; state += 1) {
      for (const [code, letter] of letters.entries()) {
        // What is no letter leaves every state as it is, so that the loop has nothing to decide.
        const target = letter === '' ? state : step(state, letter)
        table[(state << SHIFT) | code] = target < firstAccepting ? target : accepting
      }
    }
    return { next: table, shift: SHIFT, accepting }
  }

  function step(state: number, letter: string): number {
    return next[(state << shift) | (classes[letter.charCodeAt(0)] ?? 0)] ?? 0
  }

  return {
    search,
    step,
    endingIn: (state) => (state < firstAccepting ? [] : (outputs[state - firstAccepting] ?? [])),
  }
}
