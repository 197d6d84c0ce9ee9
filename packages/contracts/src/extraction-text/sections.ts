import type { ExtractedAnchor } from '../extractor.ts'
import type { LineIndex } from './line-index.ts'

/** A heading of a document; `rank` 1 is the highest. */
export interface HeadingLines {
  readonly text: string
  readonly rank: number
  /** The heading with what belongs to it, such as the line below that marks it. */
  readonly startLine: number
  readonly endLine: number
}

/** One anchor for each heading: its section ends before the next heading of the same or a higher rank, without blank lines. */
export function sectionAnchors(headings: readonly HeadingLines[], lines: LineIndex): ExtractedAnchor[] {
  const lowest = headings.reduce((rank, heading) => Math.max(rank, heading.rank), 1)
  const highest = headings.reduce((rank, heading) => Math.min(rank, heading.rank), lowest)
  const anchors: ExtractedAnchor[] = []
  // Walking backwards, `ends[r]` is where the next heading of rank r or above starts.
  const ends = Array.from({ length: lowest + 1 }, () => lines.lineCount + 1)
  for (const { text, rank, startLine, endLine } of headings.toReversed()) {
    const next = ends[rank] ?? 0
    ends.fill(startLine, rank)
    anchors.push({
      name: text,
      kind: 'section',
      hint: text,
      depth: rank - highest,
      startLine,
      endLine: lastTextLine(lines, endLine, next - 1),
    })
  }
  return anchors.reverse()
}

function lastTextLine(lines: LineIndex, first: number, last: number): number {
  let line = last
  while (line > first && lines.text(line, line).trim() === '') line -= 1
  return line
}
