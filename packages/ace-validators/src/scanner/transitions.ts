// Aho–Corasick with all transitions filled in, as one table of 16-bit numbers.

/** States fit into 16 bits; the last number stays free for a state nothing leads out of. */
const MOST_STATES = 0xffff
const UPPER_A = 0x41
const LOWER_A = 0x61
const LETTERS = 26

/** The class of a character that is in no pattern: from every state it leads back to the first. */
export const OTHER = 0
export const SPACE = 1

export interface Transitions {
  /** The class of each UTF-16 unit. */
  readonly classes: Uint16Array
  /** Row by row; a row begins at `state << shift`, so that a step is a shift and one look-up. */
  readonly next: Uint16Array
  readonly shift: number
  /** Accepting states come last, so that one comparison tells them. */
  readonly firstAccepting: number
  /** Patterns that end in a state, from `firstAccepting` on, longest first. */
  readonly outputs: readonly (readonly number[])[]
}

export function buildTransitions(patterns: readonly string[], ignoreAsciiCase: boolean): Transitions {
  const { classes, width } = classify(patterns)
  if (ignoreAsciiCase) classes.copyWithin(UPPER_A, LOWER_A, LOWER_A + LETTERS)
  return { classes, ...compact(connect(patterns, classes, width), width) }
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
    const suffix = parent === 0 ? 0 : (next[(fallback[parent] ?? 0) + symbol] ?? 0)
    fallback[state] = suffix
    const inherited = outputs.get(suffix)
    if (inherited) outputs.set(state, [...(outputs.get(state) ?? []), ...inherited])
    for (let column = 0; column < width; column += 1) {
      if (next[state + column] === 0) next[state + column] = next[suffix + column] ?? 0
    }
    // After a space more white space changes nothing; a state's own suffixes end in a space too, so outputs agree.
    if (symbol === SPACE) next[state + SPACE] = state
  }
  return { next: next.subarray(0, used), outputs }
}

/** Numbers the states anew, accepting ones last. */
function compact(connected: ReturnType<typeof connect>, width: number): Omit<Transitions, 'classes'> {
  const states = Array.from({ length: connected.next.length / width }, (_, index) => index * width)
  const accepting = states.filter((state) => connected.outputs.has(state))
  const order = [...states.filter((state) => !connected.outputs.has(state)), ...accepting]
  const numbers = new Map(order.map((state, number) => [state, number]))
  const shift = Math.ceil(Math.log2(width))
  const next = new Uint16Array(order.length << shift)
  for (const [number, state] of order.entries()) {
    for (let symbol = 0; symbol < width; symbol += 1) {
      next[(number << shift) | symbol] = numbers.get(connected.next[state + symbol] ?? 0) ?? 0
    }
  }
  return {
    next,
    shift,
    firstAccepting: order.length - accepting.length,
    outputs: accepting.map((state) => connected.outputs.get(state) ?? []),
  }
}
