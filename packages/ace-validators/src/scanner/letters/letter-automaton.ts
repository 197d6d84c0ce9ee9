import { reaches } from '../reaches.ts'
import { buildTransitions } from '../transitions.ts'

const A = 0x61
/** Bits of a letter code: 0 for none, 1 to 26 for `a` to `z`. */
const SHIFT = 5

/** The code of a small ASCII letter. */
export function letterCode(letter: string): number {
  return letter.charCodeAt(0) - A + 1
}

/** The letter of a code from 1 to 26. */
export function letterOf(code: number): string {
  return String.fromCharCode(A + code - 1)
}

/** Finds words of small ASCII letters in letters with anything between them. */
export interface LetterAutomaton {
  /** Whether a word is in a text given as letter codes, in which 0 is skipped. */
  contains(codes: Uint8Array): boolean
  /** The state after a letter; 0 is the first. */
  step(state: number, letter: string): number
  /** The numbers of the words that end in a state. */
  endingIn(state: number): readonly number[]
}

export function buildLetterAutomaton(words: readonly string[]): LetterAutomaton {
  const { classes, next, shift, firstAccepting, outputs } = buildTransitions(words, false)
  const accepting = next.length >> shift
  // A code that is no letter leaves every state as it is, so that the loop has nothing to decide.
  const table = new Uint16Array((accepting + 1) << SHIFT).fill(accepting)
  for (let state = 0; state < firstAccepting; state += 1) {
    table[state << SHIFT] = state
    for (let code = 1; code < 1 << SHIFT; code += 1) {
      const target = next[(state << shift) | (classes[A + code - 1] ?? 0)] ?? 0
      table[(state << SHIFT) | code] = target < firstAccepting ? target : accepting
    }
  }

  return {
    contains: (codes) => reaches(table, SHIFT, accepting, codes),
    step: (state, letter) => next[(state << shift) | (classes[letter.charCodeAt(0)] ?? 0)] ?? 0,
    endingIn: (state) => (state < firstAccepting ? [] : (outputs[state - firstAccepting] ?? [])),
  }
}
