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

/**
 * The same bytes in a few pieces, as the seed cuts them, with pauses that keep the network from joining them again. Half of
 * the cuts fall where readers trip: inside a character, or beside a line end.
 */
export function seededPieces(
  text: string | Uint8Array,
  seed: number,
  cuts = 6,
): { readonly bytes: Uint8Array; readonly delayMs: number }[] {
  const next = seededFractions(seed)
  const bytes = Buffer.from(text)
  const awkward = [...bytes.keys()].filter(
    (at) => at > 0 && (isContinuation(bytes[at]) || isLineEnd(bytes[at]) || isLineEnd(bytes[at - 1])),
  )
  const positions = Array.from({ length: cuts }, (_, cut) => {
    const among = cut % 2 === 0 && awkward.length > 0 ? awkward : [...bytes.keys()]
    return among[Math.floor(next() * among.length)] ?? 0
  })
  const ends = [...new Set([...positions, bytes.length])]
    .filter((end) => end > 0)
    .toSorted((left, right) => left - right)
  return ends.map((end, index) => ({
    bytes: bytes.subarray(index === 0 ? 0 : ends[index - 1], end),
    delayMs: index === 0 ? 0 : 1,
  }))
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 10 || byte === 13
}
