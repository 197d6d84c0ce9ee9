/**
 * Whether a table of states leads to its accepting state, which nothing leads out of. State 0 is the first; a row begins at
 * `state << shift`. A step waits for the one before it, so four parts of the text are read in one loop, where they overlap.
 */
export function reaches(table: Uint16Array, shift: number, accepting: number, codes: Uint8Array): boolean {
  const part = codes.length >> 2
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let index = 0; index < part; index += 1) {
    a = table[(a << shift) | (codes[index] ?? 0)] ?? 0
    b = table[(b << shift) | (codes[index + part] ?? 0)] ?? 0
    c = table[(c << shift) | (codes[index + 2 * part] ?? 0)] ?? 0
    d = table[(d << shift) | (codes[index + 3 * part] ?? 0)] ?? 0
  }
  // What began in one part may end in the next: each goes on until nothing has begun.
  return [a, b, c, d].some((state, number) => {
    let last = state
    for (let index = (number + 1) * part; index < codes.length && last !== accepting; index += 1) {
      if (last === 0 && number < 3) return false
      last = table[(last << shift) | (codes[index] ?? 0)] ?? 0
    }
    return last === accepting
  })
}
