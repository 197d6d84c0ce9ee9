import { borrowedCodeUnits } from '../unicode/code-units.ts'
import { createEffects, type Effect } from './effects.ts'
import type { SearchTable } from './reaches.ts'
import { search } from './search.ts'
import { buildTransitions, OTHER, type Transitions } from './transitions.ts'

/** Where a pattern ends in a text: `end` is exclusive, in UTF-16 units. */
export interface Hit {
  readonly pattern: number
  readonly end: number
}

/**
 * Finds many substrings in one pass whose cost does not depend on their number (VAL-041). A space in a pattern stands for
 * any run of White_Space, so texts need not be collapsed first. Patterns are not empty and do not start or end with a space.
 */
export interface Automaton {
  contains(text: string): boolean
  /** All hits in order of their end, at most `limit`. */
  findAll(text: string, limit: number): Hit[]
  /** Calls `visit` for every hit in order of its end. `visit` must not search with an automaton itself. */
  visitAll(text: string, visit: (pattern: number, end: number) => void): void
  /** What reading a text does to a search; the same for texts it cannot tell apart. Undefined when too many differ. */
  effectOf(text: string): Effect | undefined
  /** An empty table for a search over codes instead of characters. */
  codeTable(): CodeTable
}

/** `contains` for a text given as codes of 0 to 511, one step of one look-up for each. */
export interface CodeTable {
  /** Says what a code stands for: no character, one or several. */
  define(code: number, effect: Effect): void
  readonly search: SearchTable
}

const CODES = 512

export interface AutomatonOptions {
  /** Takes ASCII letters of the text in either case; patterns are given in lower case then. */
  readonly ignoreAsciiCase?: boolean
}

export function buildAutomaton(
  patterns: readonly string[],
  { ignoreAsciiCase = false }: AutomatonOptions = {},
): Automaton {
  const transitions = buildTransitions(patterns, ignoreAsciiCase)
  const { classes, next, shift, firstAccepting, outputs } = transitions

  function visitAll(text: string, visit: (pattern: number, end: number) => void): void {
    search(transitions, borrowedCodeUnits(text), text.length, (state, end) => {
      for (const pattern of outputs[state - firstAccepting] ?? []) visit(pattern, end)
    })
  }

  return {
    contains(text) {
      const units = borrowedCodeUnits(text)
      const { length } = text
      let state = 0
      for (let index = 0; index < length; index += 1) {
        state = next[(state << shift) | (classes[units[index] ?? 0] ?? OTHER)] ?? 0
        if (state >= firstAccepting) return true
      }
      return false
    },
    findAll(text, limit) {
      const hits: Hit[] = []
      visitAll(text, (pattern, end) => {
        if (hits.length < limit) hits.push({ pattern, end })
      })
      return hits
    },
    visitAll,
    effectOf: createEffects(transitions),
    codeTable() {
      return buildCodeTable(transitions)
    },
  }
}

function buildCodeTable({ next, shift }: Transitions): CodeTable {
  const states = next.length >> shift
  const table = new Uint16Array((states + 1) * CODES).fill(states, states * CODES)
  return {
    define(code, { targets }) {
      for (const [state, target] of targets.entries()) table[state * CODES + code] = target
    },
    search: { next: table, shift: 9, accepting: states },
  }
}
