import {
  createLineIndex,
  type LineIndex,
  normativeConstraints,
  openLoopsIn,
  splitSentences,
} from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction } from '@ctxlock/contracts/extractor'

export const LINE_WINDOWS = { name: 'line-windows', version: '1' } as const

const WINDOW_LINES = 80
const OVERLAP_LINES = 8
const PROSE = /\.(?:txt|text|rst|adoc|asciidoc|org)$/i
const IS_PROSE_LIMIT = 1024 * 1024

/**
 * Cuts any text into windows of 80 lines of which 8 also belong to the window before. A file that would need more than
 * `maximum` windows gets larger ones instead, so that its whole length is always covered.
 */
export function extractLineWindows(text: string, path: string, maximum: number): Extraction {
  const lines = createLineIndex(text)
  return {
    anchors: windows(lines, maximum),
    openLoops: openLoopsIn(text, lines),
    constraints: PROSE.test(path) && text.length <= IS_PROSE_LIMIT ? normativeProse(text) : [],
  }
}

function windows(lines: LineIndex, maximum: number): ExtractedAnchor[] {
  const step = Math.max(WINDOW_LINES - OVERLAP_LINES, Math.ceil((lines.lineCount - OVERLAP_LINES) / maximum))
  const anchors: ExtractedAnchor[] = []
  for (let start = 1; start === 1 || start + OVERLAP_LINES <= lines.lineCount; start += step) {
    const endLine = Math.min(start + step + OVERLAP_LINES - 1, lines.lineCount)
    const hint = firstText(lines, start, endLine)
    if (hint === undefined) continue
    anchors.push({ name: `lines ${start}-${endLine}`, kind: 'window', hint, depth: 0, startLine: start, endLine })
  }
  return anchors
}

function firstText(lines: LineIndex, start: number, end: number): string | undefined {
  for (let line = start; line <= end; line += 1) {
    const text = lines.text(line, line).trim()
    if (text !== '') return text
  }
  return undefined
}

/** Paragraphs are separated by blank lines. */
function normativeProse(text: string) {
  const constraints = []
  let paragraph: string[] = []
  let line = 0
  for (const content of [...text.split('\n'), '']) {
    line += 1
    if (content.trim() !== '') paragraph.push(content)
    else if (paragraph.length > 0) {
      constraints.push(...normativeConstraints(splitSentences(paragraph, line - paragraph.length)))
      paragraph = []
    }
  }
  return constraints
}
