/** A range of lines, 1-based and inclusive. */
export interface LineRange {
  readonly start: number
  readonly end: number
}

export interface Chunk extends LineRange {
  readonly text: string
}

const MAX_LINES = 40
const MIN_LINES = 20
const MIN_LINES_AT_BOUNDARY = 8
const MAX_UNITS = 4000

/**
 * Cuts lines into windows that cover them without gaps or overlap and follow the ranges given, such as symbols: small
 * ones are joined up to eight lines, large ones split at about forty. A window also ends at a blank line and when it grows
 * heavy; a line of any length is never cut.
 */
export function chunkLines(lines: readonly string[], boundaries: readonly LineRange[] = []): Chunk[] {
  const starts = new Set(boundaries.flatMap(({ start, end }) => [start, end + 1]))
  const chunks: Chunk[] = []
  for (let start = 1; start <= lines.length;) {
    const end = windowEnd(lines, start, starts)
    chunks.push({ start, end, text: lines.slice(start - 1, end).join('\n') })
    start = end + 1
  }
  return chunks
}

/** The lines of a text without their LF; the empty text after a final LF is no line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function windowEnd(lines: readonly string[], start: number, starts: ReadonlySet<number>): number {
  let blank = 0
  let units = 0
  for (let line = start; line <= lines.length; line += 1) {
    const text = lines[line - 1] ?? ''
    const count = line - start
    units += text.length + 1
    if (count > 0 && units > MAX_UNITS) return blank || line - 1
    if (count >= MIN_LINES_AT_BOUNDARY && starts.has(line)) return line - 1
    if (count === MAX_LINES) return blank || line - 1
    if (count >= MIN_LINES && text.trim() === '') blank = line
  }
  return lines.length
}
