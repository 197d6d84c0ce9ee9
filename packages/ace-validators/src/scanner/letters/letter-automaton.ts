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
  const states = next.length >> shift
  // A code that is no letter leaves every state as it is, so that the loop has nothing to decide.
  const table = new Uint16Array(states << SHIFT)
  for (let state = 0; state < states; state += 1) {
    for (let code = 0; code < 1 << SHIFT; code += 1) {
      const letter = classes[A + code - 1] ?? 0
      table[(state << SHIFT) | code] = code === 0 ? state : (next[(state << shift) | letter] ?? 0)
    }
  }

  /** The first state from `from` on that accepts or, behind `end`, is the first again; else the last one. */
  function run(codes: Uint8Array, from: number, first: number, end: number): number {
    let state = first
    for (let index = from; index < codes.length; index += 1) {
      if (index >= end && state === 0) return 0
      state = table[(state << SHIFT) | (codes[index] ?? 0)] ?? 0
      if (state >= firstAccepting) return state
    }
    return state
  }

  return {
    contains(codes) {
      // A step waits for the one before it; four parts of a text in one loop overlap.
      const part = codes.length >> 2
      let [a, b, c, d] = [0, 0, 0, 0]
      for (let index = 0; index < part; index += 1) {
        a = table[(a << SHIFT) | (codes[index] ?? 0)] ?? 0
        b = table[(b << SHIFT) | (codes[index + part] ?? 0)] ?? 0
        c = table[(c << SHIFT) | (codes[index + 2 * part] ?? 0)] ?? 0
        d = table[(d << SHIFT) | (codes[index + 3 * part] ?? 0)] ?? 0
        if (a >= firstAccepting || b >= firstAccepting || c >= firstAccepting || d >= firstAccepting) return true
      }
      // What began in one part may end in the next.
      return [a, b, c, d].some((state, number) => {
        const end = (number + 1) * part
        return run(codes, end, state, number === 3 ? codes.length : end) >= firstAccepting
      })
    },
    step: (state, letter) => table[(state << SHIFT) | letterCode(letter)] ?? 0,
    endingIn: (state) => (state < firstAccepting ? [] : (outputs[state - firstAccepting] ?? [])),
  }
}
