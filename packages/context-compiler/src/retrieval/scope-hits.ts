import { fileSourceId, type SourceRef } from '@ctxlock/contracts/references'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'

import { tokenisedWindows } from '../lexical/window-tokens.ts'
import { fileLines } from './file-lines.ts'
import type { RouteHit } from './route.ts'
import { scopeScore } from './score.ts'
import type { SourceTexts } from './source-texts.ts'

/** The named files to read: as many as could be shown, leaving a tool call for each store the plan asks, but one file at least. */
export function namedFiles({ budgets, route }: QueryPlan, paths: readonly string[]): string[] {
  const stores = route.filter(({ store }) => store !== 'bounded_read_only').length
  const readable = Math.max(1, budgets.max_tool_calls - stores)
  return [...new Set(paths)].slice(0, Math.min(budgets.max_snippets_total, readable))
}

/**
 * The windows of one named file that hold most query terms, or its head when none does (FG-028). No index takes part: the
 * file is read as it is now. Empty when it is missing or no text.
 */
export function scopeHits(path: string, texts: SourceTexts, terms: ReadonlySet<string>, limit: number): RouteHit[] {
  const named: SourceRef = { kind: 'span', id: fileSourceId(path) }
  const source = texts.read(named, 'shadow_ws_lexical')
  if (source.status !== 'text') return []
  const windows = tokenisedWindows(source).map(({ window, tokens }) => {
    const held = tokens.filter((token) => terms.has(token))
    return { window, distinct: new Set(held).size, total: held.length }
  })
  // Stable: windows that hold the same stay in the order of the file.
  const best = windows.toSorted((left, right) => right.distinct - left.distinct || right.total - left.total)
  return best.slice(0, limit).map(({ window }, rank) => ({
    ref: fileLines(path, source.hash, window),
    scores: { lexical: scopeScore(rank) },
    codeUnits: window.text.length,
  }))
}
