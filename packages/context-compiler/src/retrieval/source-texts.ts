import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { pathOfSourceId, type SourceRef } from '@ctxlock/contracts/references'
import { bytesHash } from '@ctxlock/core-hash'

import { linesOf } from '../lexical/chunks.ts'
import type { RetrievalRoute, SearchStore } from './route.ts'

export type SourceText =
  | { readonly status: 'text'; readonly hash: Hash; readonly text: string; readonly lines: readonly string[] }
  | { readonly status: 'not_text'; readonly hash: Hash }
  | { readonly status: Exclude<SourceRead['status'], 'read'> }

export type RouteTable = Partial<Readonly<Record<SearchStore, RetrievalRoute>>>

/** Reads each source at most once for one phase of one call (FG-012). */
export interface SourceTexts {
  read(ref: SourceRef, store: SearchStore): SourceText
  /** True when reading it would open nothing new. */
  isOpen(ref: SourceRef): boolean
}

/**
 * Workspace files come through the reader, other ids from the route that named them. `opened` collects the ids that were
 * opened over all phases of the call: each counts as one tool call.
 */
export function sourceTexts(reader: SourceReader, routes: RouteTable, opened: Set<string>): SourceTexts {
  const known = new Map<string, SourceText>()
  return {
    read(ref, store) {
      const before = known.get(ref.id)
      if (before) return before
      opened.add(ref.id)
      const path = pathOfSourceId(ref.id)
      const read = path === undefined ? routes[store]?.read?.(ref) : reader.read(path)
      const text = toText(read ?? { status: 'missing' })
      known.set(ref.id, text)
      return text
    },
    isOpen: (ref) => opened.has(ref.id),
  }
}

function toText(read: SourceRead): SourceText {
  if (read.status !== 'read') return { status: read.status }
  const hash = bytesHash(read.bytes)
  const text = decodeSourceText(read.bytes)
  // A NUL marks binary data. It is not stripped: evidence is verbatim or nothing.
  if (text === undefined || text.includes('\0')) return { status: 'not_text', hash }
  return { status: 'text', hash, text, lines: linesOf(text) }
}
