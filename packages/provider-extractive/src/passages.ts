import type { EvidenceBlock } from '@ctxlock/contracts/evidence'
import { pathOfSourceId } from '@ctxlock/contracts/references'

/** Most lines of one quotation. */
export const MOST_LINES = 12
/** A longer line is quoted in part, and alone. */
export const LONGEST_LINE = 600
const CHUNK_LINES = 6
const CLOSING_LINE = /^\s{0,200}[)}\]]+[;,]?\s{0,200}$/
const HEADING_LINE = /^\s{0,200}#{1,6} |:\s{0,200}$/

interface Source {
  readonly path: string
  readonly startLine: number
  readonly lines: readonly string[]
}

/** Neighbouring lines that belong together: a paragraph, or a piece of a long one. Indexes into the source's lines. */
export interface Passage {
  readonly source: Source
  readonly first: number
  readonly last: number
}

/** Passages of every file among the blocks, in order, without blank lines at their ends. Blocks are not trusted. */
export function passagesOf(blocks: readonly EvidenceBlock[]): Passage[] {
  return blocks.flatMap((block) => {
    const source = sourceOf(block)
    return source ? paragraphsOf(source.lines).flatMap(([first, last]) => pieces(source, first, last)) : []
  })
}

function sourceOf({ sourceId, startLine, endLine, text }: EvidenceBlock): Source | undefined {
  const path = pathOfSourceId(sourceId)
  if (path === undefined) return undefined
  // Lines beyond the named range would be quoted under a number the file does not give them.
  const lines = text.split('\n').slice(0, Math.max(0, endLine - startLine + 1))
  return { path, startLine, lines: lines.map(withoutTrailingReturns) }
}

function withoutTrailingReturns(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 13) end -= 1
  return line.slice(0, end)
}

/** First and last line of each paragraph; a heading belongs to what follows it. */
function paragraphsOf(lines: readonly string[]): [number, number][] {
  const paragraphs: [number, number][] = []
  let first = -1
  for (let index = 0; index <= lines.length; index += 1) {
    const isBlank = (lines[index] ?? '').trim() === ''
    if (!isBlank && first === -1) first = index
    if (!isBlank || first === -1) continue
    const isHeading = index - first === 1 && HEADING_LINE.test(lines[first] ?? '')
    const next = lines[index + 1]
    if (isHeading && next !== undefined && next.trim() !== '') continue
    paragraphs.push([first, index - 1])
    first = -1
  }
  return paragraphs
}

/** Cuts a paragraph that is too long to quote: around long lines, behind closing brackets, and every few lines. */
function pieces(source: Source, first: number, last: number): Passage[] {
  const isLong = (line: string | undefined) => (line?.length ?? 0) > LONGEST_LINE
  const fits = last - first < MOST_LINES && !source.lines.slice(first, last + 1).some(isLong)
  if (fits) return [{ source, first, last }]
  const result: Passage[] = []
  let start = first
  for (let index = first; index <= last; index += 1) {
    const length = index - start + 1
    const closes = length >= 3 && CLOSING_LINE.test(source.lines[index] ?? '')
    const alone = isLong(source.lines[index]) || isLong(source.lines[index + 1])
    if (!closes && !alone && length < CHUNK_LINES && index < last) continue
    result.push({ source, first: start, last: index })
    start = index + 1
  }
  return result
}
