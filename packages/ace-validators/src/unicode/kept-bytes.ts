const KEPT = 1 << 20

/** Arrays of the asked length that share one memory: each call overwrites the array before. Longer ones than 1 MiB are new. */
export function createKeptBytes(): (length: number) => Uint8Array<ArrayBuffer> {
  let kept = new Uint8Array(1 << 12)
  return (length) => {
    if (length > KEPT) return new Uint8Array(length)
    if (length > kept.length) kept = new Uint8Array(KEPT)
    return kept.subarray(0, length)
  }
}
