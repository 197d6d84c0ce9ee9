/** Numbers in [0, 1) that a seed fixes (mulberry32). */
export function seededFractions(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The same bytes in pieces of 1 to 9 bytes, as the seed cuts them. */
export function seededPieces(text: string, seed: number): { readonly bytes: Uint8Array }[] {
  const next = seededFractions(seed)
  const bytes = Buffer.from(text)
  const pieces: { bytes: Uint8Array }[] = []
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + Math.floor(next() * 9)
    pieces.push({ bytes: bytes.subarray(start, end) })
    start = end
  }
  return pieces
}
