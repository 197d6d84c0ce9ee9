import { codeUnits } from '../unicode/code-units.ts'

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
  /** What the automaton can tell apart in a text: texts of equal classes are equal to it. */
  classesOf(text: string): readonly number[]
  /** An empty table for a search over codes instead of characters. */
  codeTable(): CodeTable
}

/** `contains` for a text given as codes of 0 to 255, one step of one look-up for each. */
export interface CodeTable {
  /** Says what a code stands for: classes of this automaton, none, one or several. */
  define(code: number, classes: readonly number[]): void
  contains(codes: Uint8Array): boolean
}

const CODES = 256
/** States fit into 16 bits; the last number is the state nothing leads out of. */
const MOST_STATES = 0xffff
/** Codes between two looks at whether that state was reached. */
const BLOCK = 4096

const UPPER_A = 0x41
const LOWER_A = 0x61
const LETTERS = 26
const OTHER = 0
const SPACE = 1

export interface AutomatonOptions {
  /** Takes ASCII letters of the text in either case; patterns are given in lower case then. */
  readonly ignoreAsciiCase?: boolean
}

// Aho–Corasick with all transitions filled in. States are stored multiplied by the number of classes; an accepting target
// is stored as its complement, so that the loop needs one comparison.
export function buildAutomaton(
  patterns: readonly string[],
  { ignoreAsciiCase = false }: AutomatonOptions = {},
): Automaton {
  const { classes, width } = classify(patterns)
  if (ignoreAsciiCase) classes.copyWithin(UPPER_A, LOWER_A, LOWER_A + LETTERS)
  const { next, outputs } = connect(patterns, classes, width)

  return {
    contains(text) {
      const units = codeUnits(text)
      let state = 0
      for (let index = 0; index < units.length; index += 1) {
        state = next[state + (classes[units[index] ?? 0] ?? OTHER)] ?? 0
        if (state < 0) return true
      }
      return false
    },
    findAll(text, limit) {
      const units = codeUnits(text)
      const hits: Hit[] = []
      let state = 0
      for (let index = 0; index < units.length && hits.length < limit; index += 1) {
        const target = next[state + (classes[units[index] ?? 0] ?? OTHER)] ?? 0
        state = strip(target)
        if (target >= 0) continue
        for (const pattern of outputs.get(state) ?? []) hits.push({ pattern, end: index + 1 })
      }
      return hits.slice(0, limit)
    },
    classesOf(text) {
      return Array.from(codeUnits(text), (unit) => classes[unit] ?? OTHER)
    },
    codeTable() {
      return buildCodeTable(next, width)
    },
  }
}

function buildCodeTable(next: Int32Array, width: number): CodeTable {
  const states = next.length / width
  if (states > MOST_STATES) throw new RangeError(`A code table holds ${MOST_STATES} states, not ${states}.`)
  const table = new Uint16Array((states + 1) * CODES).fill(states, states * CODES)
  return {
    define(code, symbols) {
      for (let state = 0; state < states; state += 1) {
        let target = state * width
        for (const symbol of symbols) {
          if (target >= 0) target = next[target + symbol] ?? 0
        }
        table[state * CODES + code] = target < 0 ? states : target / width
      }
    },
    contains(codes) {
      let state = 0
      for (let start = 0; start < codes.length; start += BLOCK) {
        const end = Math.min(start + BLOCK, codes.length)
        for (let index = start; index < end; index += 1) state = table[(state << 8) | (codes[index] ?? 0)] ?? states
        if (state === states) return true
      }
      return false
    },
  }
}

const WHITE_SPACE =
  '\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

function classify(patterns: readonly string[]): { classes: Uint16Array; width: number } {
  const classes = new Uint16Array(0x10000)
  for (const space of WHITE_SPACE) classes[space.charCodeAt(0)] = SPACE
  let width = SPACE + 1
  for (const pattern of patterns) {
    for (let index = 0; index < pattern.length; index += 1) {
      const unit = pattern.charCodeAt(index)
      if (classes[unit] !== OTHER) continue
      classes[unit] = width
      width += 1
    }
  }
  return { classes, width }
}

function connect(patterns: readonly string[], classes: Uint16Array, width: number) {
  const states = 1 + patterns.reduce((total, { length }) => total + length, 0)
  if (states > MOST_STATES)
    throw new RangeError(`An automaton holds ${MOST_STATES} characters of patterns, not ${states}.`)
  const next = new Int32Array(states * width)
  const own = new Map<number, number[]>()
  /** Parent and class of each state, in order of creation, which is not breadth first. */
  const edges: { readonly state: number; readonly parent: number; readonly symbol: number }[][] = []
  let used = width
  for (const [number, pattern] of patterns.entries()) {
    let state = 0
    for (let depth = 0; depth < pattern.length; depth += 1) {
      const symbol = classes[pattern.charCodeAt(depth)] ?? OTHER
      let target = next[state + symbol] ?? 0
      if (target === 0) {
        target = used
        used += width
        next[state + symbol] = target
        ;(edges[depth] ??= []).push({ state: target, parent: state, symbol })
      }
      state = target
    }
    own.set(state, [...(own.get(state) ?? []), number])
  }

  const outputs = new Map(own)
  const fallback = new Int32Array(states * width)
  for (const { state, parent, symbol } of edges.flat()) {
    // The root's missing transitions lead to itself; a deeper state borrows those of its longest proper suffix.
    const suffix = parent === 0 ? 0 : strip(next[(fallback[parent] ?? 0) + symbol] ?? 0)
    fallback[state] = suffix
    const inherited = outputs.get(suffix)
    if (inherited) outputs.set(state, [...(outputs.get(state) ?? []), ...inherited])
    for (let column = 0; column < width; column += 1) {
      if (next[state + column] === 0) next[state + column] = next[suffix + column] ?? 0
    }
    // After a space more white space changes nothing; a state's own suffixes end in a space too, so outputs agree.
    if (symbol === SPACE) next[state + SPACE] = state
  }
  return { next: markAccepting(next, outputs, used), outputs }
}

function strip(target: number): number {
  return target < 0 ? ~target : target
}

function markAccepting(next: Int32Array, outputs: ReadonlyMap<number, unknown>, used: number): Int32Array {
  return next.subarray(0, used).map((target) => (outputs.has(target) ? ~target : target))
}
