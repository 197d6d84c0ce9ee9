import type { LineRange } from '@ctxlock/contracts/extractor'
import { parseSelector } from '@ctxlock/contracts/references'

import { PackError } from '../pack-error.ts'

export function linesSelector({ startLine, endLine }: LineRange): string {
  return `lines:${startLine}-${endLine}`
}

/** The lines a builder job may scan: all of them, or those of its `selector_allowlist` (spec 02 section 4). */
export interface AllowedLines {
  readonly scanned: readonly LineRange[]
  readonly skipped: readonly LineRange[]
  includes(range: LineRange): boolean
}

export function allowedLines(lineCount: number, allowlist: readonly string[] | undefined): AllowedLines {
  const whole = { startLine: 1, endLine: lineCount }
  const scanned = allowlist ? merge(allowlist.flatMap((selector) => clip(rangeOf(selector), lineCount))) : [whole]
  return {
    scanned,
    skipped: complement(scanned, lineCount),
    includes: ({ startLine, endLine }) =>
      scanned.some((range) => range.startLine <= startLine && endLine <= range.endLine),
  }
}

function rangeOf(selector: string): LineRange {
  const parsed = parseSelector(selector)
  if (parsed?.kind === 'lines') return { startLine: parsed.start, endLine: parsed.end }
  throw new PackError(
    'PACK_INVALID',
    'A selector allowlist of a file holds selectors such as lines:1-40; got another kind.',
  )
}

function clip({ startLine, endLine }: LineRange, lineCount: number): LineRange[] {
  return startLine > lineCount ? [] : [{ startLine, endLine: Math.min(endLine, lineCount) }]
}

function merge(ranges: readonly LineRange[]): LineRange[] {
  const merged: LineRange[] = []
  for (const range of ranges.toSorted((a, b) => a.startLine - b.startLine)) {
    const last = merged.at(-1)
    if (last && range.startLine <= last.endLine + 1) {
      merged[merged.length - 1] = { startLine: last.startLine, endLine: Math.max(last.endLine, range.endLine) }
    } else merged.push(range)
  }
  return merged
}

function complement(ranges: readonly LineRange[], lineCount: number): LineRange[] {
  const gaps: LineRange[] = []
  let next = 1
  for (const { startLine, endLine } of [...ranges, { startLine: lineCount + 1, endLine: lineCount + 1 }]) {
    if (startLine > next) gaps.push({ startLine: next, endLine: startLine - 1 })
    next = endLine + 1
  }
  return gaps
}
