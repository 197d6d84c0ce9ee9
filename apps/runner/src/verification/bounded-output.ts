/** What is kept of one stream of a command: how it began and how it ended. */
export interface BoundedOutput {
  add(chunk: Uint8Array): void
  /** All bytes that came. */
  readonly size: number
  /** True when every byte was kept. */
  readonly isWhole: boolean
  bytes(): Uint8Array
}

/** Keeps at most `head` bytes of the beginning and about `tail` of the end, whatever comes. */
export function boundedOutput(head: number, tail: number): BoundedOutput {
  const first: Uint8Array[] = []
  const last: Uint8Array[] = []
  let firstSize = 0
  let lastSize = 0
  let size = 0
  return {
    add(chunk) {
      size += chunk.byteLength
      const taken = chunk.subarray(0, head - firstSize)
      if (taken.byteLength > 0) first.push(taken)
      firstSize += taken.byteLength
      const rest = chunk.subarray(taken.byteLength)
      if (rest.byteLength === 0) return
      last.push(rest)
      lastSize += rest.byteLength
      while (lastSize - (last[0]?.byteLength ?? 0) >= tail) lastSize -= last.shift()?.byteLength ?? 0
    },
    get size() {
      return size
    },
    get isWhole() {
      return size === firstSize + lastSize
    },
    bytes() {
      const left = size - firstSize - lastSize
      const note = left > 0 ? [Buffer.from(`\n[${left} bytes were left out here]\n`)] : []
      return Buffer.concat([...first, ...note, ...last])
    },
  }
}
