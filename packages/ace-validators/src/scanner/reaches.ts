/** A search that is asked only whether it finds anything. State 0 is the first; nothing leads out of the accepting one. */
export interface SearchTable {
  /** Where each code leads from each state; the row of a state begins at `state << shift`. */
  readonly next: Uint16Array
  readonly shift: number
  readonly accepting: number
}

/** Codes of an ASCII text, which are its bytes, or of any other. */
export type Codes = Uint8Array | Uint16Array

/**
 * Whether codes lead to the accepting state. A step waits for the one before it, so four parts of the text are read in one loop,
 * where they overlap.
 */
export function reaches({ next, shift, accepting }: SearchTable, codes: Codes): boolean {
  const part = codes.length >> 2
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let index = 0; index < part; index += 1) {
    a = next[(a << shift) | (codes[index] ?? 0)] ?? 0
    b = next[(b << shift) | (codes[index + part] ?? 0)] ?? 0
    c = next[(c << shift) | (codes[index + 2 * part] ?? 0)] ?? 0
    d = next[(d << shift) | (codes[index + 3 * part] ?? 0)] ?? 0
  }
  // What began in one part may end in the next: each goes on until nothing has begun.
  return [a, b, c, d].some((state, number) => {
    let last = state
    for (let index = (number + 1) * part; index < codes.length && last !== accepting; index += 1) {
      if (last === 0 && number < 3) return false
      last = next[(last << shift) | (codes[index] ?? 0)] ?? 0
    }
    return last === accepting
  })
}
