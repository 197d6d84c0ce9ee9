import { parseQuotations, type Quotation } from '@ctxlock/contracts/evidence'

import {
  createSourceLookup,
  lineAt,
  linesBetween,
  type QuotedFileReader,
  type SourceText,
  withPlainLineEndings,
} from './source-text.ts'

/**
 * `verified`: the text stands at the named lines. `repaired`: it stands in the named file at other lines, which are
 * given. `not_found`: it does not stand in the file, or quotes nothing. `outside_sources`: the file was not among what
 * the model was shown. `missing_file`: there is no such file to compare with.
 */
export type QuotationStatus = 'verified' | 'repaired' | 'not_found' | 'outside_sources' | 'missing_file'

export interface QuotationCheck {
  readonly quotation: Quotation
  readonly status: QuotationStatus
  /** Where the text really stands: as quoted when `verified`, corrected when `repaired`, else absent. */
  readonly lines?: { readonly start: number; readonly end: number }
}

export interface QuotationReport {
  /** One per quotation of the answer, in order. */
  readonly checks: readonly QuotationCheck[]
  /** False when the limit of work was reached; what was not searched by then counts as `not_found`. */
  readonly complete: boolean
}

/** Characters that may be compared for one answer. Far beyond any honest answer; a hostile one costs seconds, not hours. */
const WORK_LIMIT = 16 * 1024 * 1024
/** What opening one file counts, so that ten thousand invented paths are not ten thousand reads. */
const WORK_PER_FILE = 16 * 1024

/**
 * Compares every quotation of an answer with the bytes on disk. Content decides and the line number is repaired: a
 * quotation counts when its text stands verbatim in the file, line endings aside, whole lines or not. Pure apart from
 * `readFile`; never throws for anything an answer holds.
 */
export function checkQuotations(answer: string, readFile: QuotedFileReader): QuotationReport {
  let work = 0
  const mayCompare = (length: number) => {
    if (work + length > WORK_LIMIT) return false
    work += length
    return true
  }
  let complete = true
  const lookUp = createSourceLookup((path) => {
    if (mayCompare(WORK_PER_FILE)) return readFile(path)
    complete = false
    return { status: 'missing', allowed: false }
  })

  const checks = parseQuotations(answer).map((quotation): QuotationCheck => {
    const lookup = lookUp(quotation.path)
    if (lookup.status !== 'found') return { quotation, status: lookup.status }
    const text = withPlainLineEndings(quotation.text)
    if (text.trim() === '') return { quotation, status: 'not_found' }
    const position = find(text, quotation, lookup.source)
    if (position === undefined) return { quotation, status: 'not_found' }
    const status =
      position.start === quotation.startLine && position.end === quotation.endLine ? 'verified' : 'repaired'
    return { quotation, status, lines: position }
  })
  return { checks, complete }

  function find(text: string, { startLine, endLine }: Quotation, source: SourceText) {
    const lineBreaks = text.split('\n').length - 1
    const named = endLine - startLine === lineBreaks ? linesBetween(source, startLine, endLine) : undefined
    if (named !== undefined && mayCompare(named.length) && named.includes(text))
      return { start: startLine, end: endLine }
    if (!mayCompare(source.text.length)) {
      complete = false
      return undefined
    }
    const offset = nearestOccurrence(text, source.text, source.starts[startLine - 1] ?? source.text.length)
    if (offset === -1) return undefined
    const start = lineAt(source, offset)
    return { start, end: start + lineBreaks }
  }
}

/** The occurrence that starts closest to `offset`, or -1. Occurrences that overlap an earlier one are passed over. */
function nearestOccurrence(wanted: string, text: string, offset: number): number {
  let nearest = -1
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    if (nearest === -1 || Math.abs(at - offset) < Math.abs(nearest - offset)) nearest = at
    if (at >= offset) break
  }
  return nearest
}
