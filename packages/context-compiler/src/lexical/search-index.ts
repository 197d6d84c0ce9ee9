import type { Hash } from '@ctxlock/contracts/primitives'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalReferenceId } from '@ctxlock/contracts/references'

import { CompileError } from '../compile-error.ts'
import { capPerSource } from '../retrieval/cap-per-source.ts'
import { fileLines, type FileLines } from '../retrieval/file-lines.ts'
import { compareUtf16, roundScore } from '../retrieval/score.ts'
import type { LineRange } from './chunks.ts'
import { fileWeight } from './file-weight.ts'
import { INDEX_FORMAT, readIndexRow } from './index-schema.ts'
import { queryTerms } from './tokens.ts'

export interface IndexHit {
  readonly path: string
  readonly range: LineRange
  /** A bounded reference with the hash the file had when it was indexed. */
  readonly ref: FileLines
  /** In 0..1, six decimals. */
  readonly score: number
  /** Length of the range in UTF-16 code units. */
  readonly codeUnits: number
}

export interface IndexSearch {
  /** Anything: only its words are used. */
  readonly text: string
  readonly limit: number
  /** At most this many hits of one file; unlimited without it. */
  readonly perSource?: number
  /** Leaves out files; all are accepted without it. */
  readonly accepts?: (path: string) => boolean
}

/** A bound limit would have SQLite plan the search anew each time it is asked. */
const searchFor = (limit: number) => `
  SELECT f.path, f.file_hash, c.start_line, c.end_line, c.code_units, t.score
  FROM (SELECT rowid, bm25(lexical_text, 2.0, 2.0, 1.0) AS score FROM lexical_text WHERE lexical_text MATCH ? ORDER BY score LIMIT ${limit}) t
  JOIN lexical_chunk c ON c.chunk_id = t.rowid
  JOIN lexical_file f ON f.file_id = c.file_id`

/** Windows fetched at first: enough for every file that may matter to bring the windows that support each other. */
const MIN_POOL = 384
/** What the second best window of a file adds to every other one of it. */
const SUPPORT = 0.5

/**
 * The best windows for the words of a text: by score descending, then by canonical reference id (ACE-037). A window scores
 * by its words, its names and its path (BM25 over fields), half the best other window of its file, and the kind of file.
 * The answer depends on nothing but content and `limit`. Never throws for any `text`; throws `InvalidInput` when `syncIndex`
 * has not been called.
 */
export function searchIndex(
  database: SqlDatabase,
  { text, limit, perSource = Infinity, accepts = () => true }: IndexSearch,
): IndexHit[] {
  requireIndex(database)
  const terms = queryTerms(text)
  if (terms.length === 0) return []
  const match = terms.map((term) => `"${term}"`).join(' OR ')
  for (let fetched = Math.max(MIN_POOL, limit * 8); ; fetched *= 8) {
    const windows = database.prepare(searchFor(fetched)).all(match).map(windowOf)
    const complete = windows.length < fetched
    const last = windows.reduce((lowest, { weight }) => Math.min(lowest, weight), Infinity)
    // Windows that tie with the last fetched one may have partners that were not fetched.
    const certain = complete ? windows : windows.filter(({ weight }) => weight > last)
    const accepted = certain.filter(({ path }) => accepts(path))
    const hits = capPerSource(rankWindows(accepted, new Set(terms)), perSource)
    if (complete || hits.length >= limit) return hits.slice(0, limit)
  }
}

/** The hash of everything the index holds; throws `InvalidInput` when there is no index. */
export function indexCorpusHash(database: SqlDatabase): Hash {
  return requireIndex(database)
}

function requireIndex(database: SqlDatabase): Hash {
  const row = readIndexRow(database)
  if (row?.format === INDEX_FORMAT) return row.corpusHash
  throw new CompileError('InvalidInput', 'There is no lexical index in the present format; call syncIndex first.')
}

interface MatchedWindow {
  readonly path: string
  readonly hash: Hash
  readonly range: LineRange
  readonly codeUnits: number
  /** What bm25 says, turned positive. */
  readonly weight: number
}

function windowOf(row: Record<string, unknown>): MatchedWindow {
  return {
    path: String(row.path),
    hash: String(row.file_hash),
    range: { start: Number(row.start_line), end: Number(row.end_line) },
    codeUnits: Number(row.code_units),
    weight: Math.max(0, -Number(row.score)),
  }
}

function rankWindows(windows: readonly MatchedWindow[], terms: ReadonlySet<string>): IndexHit[] {
  const ordered = [...Map.groupBy(windows, ({ path }) => path)].flatMap(([path, ofFile]) => {
    const [best = 0, second = 0] = ofFile.map(({ weight }) => weight).toSorted((left, right) => right - left)
    const factor = fileWeight(path, terms)
    return ofFile.map((window) => {
      const support = SUPPORT * (window.weight === best ? second : best)
      return hitOf(window, factor * (window.weight + support))
    })
  })
  return ordered.toSorted((left, right) => right.score - left.score || compareUtf16(idOf(left), idOf(right)))
}

function idOf({ ref }: IndexHit): string {
  return canonicalReferenceId({ kind: 'source_ref', ref })
}

function hitOf({ path, hash, range, codeUnits }: MatchedWindow, weight: number): IndexHit {
  return { path, range, ref: fileLines(path, hash, range), score: normaliseScore(weight), codeUnits }
}

/**
 * Weights run from 0 up; words that stand in most windows weigh one millionth. The fourth root keeps even those apart after
 * rounding, and a fixed curve keeps scores comparable between queries. Square roots are exact on every machine.
 */
function normaliseScore(weight: number): number {
  const root = Math.sqrt(Math.sqrt(weight))
  return roundScore(root / (1 + root))
}

/** The weight behind a score; of two scores it tells how much better one matches. */
export function weightOf(score: number): number {
  const root = score / (1 - score)
  return root * root * root * root
}
