import type { Hash } from '@ctxlock/contracts/primitives'
import { fileSourceId, type SourceRef } from '@ctxlock/contracts/references'
import { settle } from '@ctxlock/core-hash'

import type { LineRange } from '../lexical/chunks.ts'

/** A bounded reference to lines of one version of a file. */
export type FileLines = SourceRef & { readonly hash: Hash; readonly selector: string }

// The calls of a task find the same lines again and again. Bounded, because a workspace may hold any number of files.
const lately = new Map<string, FileLines>()
const MOST = 10_000

/** The same object for the same lines each time, so that its canonical id and its check are worked out once. */
export function fileLines(path: string, hash: Hash, { start, end }: LineRange): FileLines {
  const selector = `lines:${start}-${end}`
  // Neither a hash nor a selector holds a space.
  const key = `${hash} ${selector} ${path}`
  const known = lately.get(key)
  if (known) return known
  if (lately.size >= MOST) lately.clear()
  const lines = settle({ kind: 'span' as const, id: fileSourceId(path), hash, selector })
  lately.set(key, lines)
  return lines
}
