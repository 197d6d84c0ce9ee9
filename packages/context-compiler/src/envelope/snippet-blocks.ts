import type { ContextBlock, ProjectionMode } from '@ctxlock/contracts/context'
import type { Classification } from '@ctxlock/contracts/primitives'

import type { Snippet } from '../retrieval/selection.ts'

export interface SnippetBlockOptions {
  /** Snippets follow each other as `<orderPrefix>-001`, `-002`, … */
  readonly orderPrefix: string
  /** For snippets whose source says nothing about itself. */
  readonly sensitivity: Classification
  readonly projection: ProjectionMode
}

/** One `retrieved_snippet` block for each snippet, in order, text verbatim. */
export function snippetBlocks(snippets: readonly Snippet[], options: SnippetBlockOptions): ContextBlock[] {
  return snippets.map(({ span, text }, index) => {
    const { ref, start, end } = span
    const lines = `lines:${start}-${end}`
    return {
      kind: 'retrieved_snippet',
      content: text,
      // A cut line is referred to exactly first, then by the line it is part of: that is what a quotation can name.
      source_refs: ref.selector === lines ? [ref] : [ref, { ...ref, selector: lines }],
      sensitivity: ref.classification ?? options.sensitivity,
      projection: options.projection,
      order_key: `${options.orderPrefix}-${String(index + 1).padStart(3, '0')}`,
    }
  })
}
