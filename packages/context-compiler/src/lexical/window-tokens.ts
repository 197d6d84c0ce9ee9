import type { Hash } from '@ctxlock/contracts/primitives'

import { chunkLines, type Chunk } from './chunks.ts'
import { tokenise } from './tokens.ts'

export interface TokenisedWindow {
  readonly window: Chunk
  readonly tokens: readonly string[]
}

// Every call of a task reads the files it names again, and they seldom changed. Bounded, because files are hostile.
const lately = new Map<Hash, readonly TokenisedWindow[]>()
const MOST_UNITS = 4_000_000
let units = 0

/** The windows of a text and the tokens of each, made once for the same bytes. `hash` is that of the bytes the lines are. */
export function tokenisedWindows({
  hash,
  lines,
}: {
  readonly hash: Hash
  readonly lines: readonly string[]
}): readonly TokenisedWindow[] {
  const known = lately.get(hash)
  if (known) return known
  const windows = chunkLines(lines).map((window) => ({ window, tokens: tokenise(window.text) }))
  const size = windows.reduce((sum, { window }) => sum + window.text.length, 0)
  if (units + size > MOST_UNITS) {
    lately.clear()
    units = 0
  }
  units += size
  lately.set(hash, windows)
  return windows
}
