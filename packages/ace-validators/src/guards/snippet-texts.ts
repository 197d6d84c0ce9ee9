import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { ResolvedSnippet } from '@ctxlock/contracts/guards'
import { bytesHash, type Hash } from '@ctxlock/core-hash'

export interface SnippetText {
  readonly snippet: ResolvedSnippet
  readonly text: string
  /** Over the raw bytes, so it can be compared with the text hash of what will be rendered (VAL-012). */
  readonly hash: Hash
}

export interface SnippetTexts {
  readonly texts: readonly SnippetText[]
  /** Snippets whose bytes are missing or no UTF-8 (VAL-011). */
  readonly unresolvable: readonly ResolvedSnippet[]
}

const decoded = new WeakMap<readonly ResolvedSnippet[], SnippetTexts>()

/** Decodes the raw bytes once for all guards of a run. A byte order mark stays: it would be sent too. */
export function snippetTexts(snippets: readonly ResolvedSnippet[]): SnippetTexts {
  const known = decoded.get(snippets)
  if (known) return known
  const texts: SnippetText[] = []
  const unresolvable: ResolvedSnippet[] = []
  for (const snippet of snippets) {
    const text = snippet.bytes === null ? undefined : decodeSourceText(snippet.bytes)
    if (snippet.bytes === null || text === undefined) unresolvable.push(snippet)
    else texts.push({ snippet, text, hash: bytesHash(snippet.bytes) })
  }
  const result = { texts, unresolvable }
  decoded.set(snippets, result)
  return result
}
