import type { SourceReader } from '@ctxlock/contracts/ports'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { bytesHash } from '@ctxlock/core-hash'

import type { Snippet } from './selection.ts'

/**
 * Reads the workspace files behind the snippets once more, immediately before the prompt is assembled (FG-011). Returns the
 * candidate ids whose source is no longer what was quoted; empty when all is as it was.
 */
export function changedSnippets(snippets: readonly Snippet[], reader: SourceReader): string[] {
  const current = new Map<string, string | undefined>()
  return snippets.flatMap(({ candidate_id, span }) => {
    const path = pathOfSourceId(span.ref.id)
    if (path === undefined) return []
    if (!current.has(path)) {
      const read = reader.read(path)
      current.set(path, read.status === 'read' ? bytesHash(read.bytes) : undefined)
    }
    return current.get(path) === span.ref.hash ? [] : [candidate_id]
  })
}
