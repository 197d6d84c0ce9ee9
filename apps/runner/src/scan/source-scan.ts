import type { Scanner } from '@ctxlock/ace-validators/scanner'
import { windowsOf } from '@ctxlock/context-compiler'
import { decodeSourceText } from '@ctxlock/contracts/evidence'

/** One place where a pattern stands. Never the text itself: it would be carried on to where it is read. */
export interface SourceHit {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly pattern: string
  readonly view: string
  readonly action: 'poison' | 'quarantine'
}

export interface SourceScan {
  /** Paths of what was read, in order. */
  readonly sources: readonly string[]
  /** How many of them are no text; nothing of them is ever quoted. */
  readonly notText: number
  /** Windows of the search index: a call is shown such a window, or lines of it. */
  readonly snippets: number
  readonly poisoning: number
  readonly quarantined: number
  /** In order of path and line. */
  readonly hits: readonly SourceHit[]
}

/** Looks at every snippet that retrieval could bring, as the guard would look at it in a call. */
export function scanSources(
  sources: Iterable<{ readonly path: string; readonly bytes: Uint8Array }>,
  scanner: Pick<Scanner, 'find'>,
): SourceScan {
  const paths: string[] = []
  const hits: SourceHit[] = []
  const counts = { notText: 0, snippets: 0, poisoning: 0, quarantined: 0 }
  for (const { path, bytes } of sources) {
    paths.push(path)
    const text = decodeSourceText(bytes)
    if (text === undefined || text.includes('\0')) {
      counts.notText += 1
      continue
    }
    for (const snippet of windowsOf(text).chunks) {
      counts.snippets += 1
      const finding = scanner.find(snippet.text)
      if (finding === undefined) continue
      const { viewId: view, action, occurrences } = finding
      counts[action === 'poison' ? 'poisoning' : 'quarantined'] += 1
      const found = occurrences.map(({ pattern, start, end }) => ({
        path,
        ...linesAt(snippet, start, end),
        pattern: pattern.id,
        view,
        action,
      }))
      hits.push(...withoutRepetition(found))
    }
  }
  return { sources: paths, ...counts, hits }
}

/** The lines of the file on which a part of the snippet stands. */
function linesAt(
  { start: first, text }: { readonly start: number; readonly text: string },
  start: number,
  end: number,
) {
  const start_line = first + lineFeeds(text.slice(0, start))
  return { start_line, end_line: start_line + lineFeeds(text.slice(start, end)) }
}

function lineFeeds(text: string): number {
  return text.split('\n').length - 1
}

/** A pattern that stands twice on one line is one hit. */
function withoutRepetition(hits: readonly SourceHit[]): SourceHit[] {
  const ordered = hits.toSorted((left, right) => left.start_line - right.start_line)
  return [...new Map(ordered.map((hit) => [`${hit.start_line} ${hit.end_line} ${hit.pattern}`, hit])).values()]
}
