import type { Hash } from '@ctxlock/contracts/primitives'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalReferenceId, fileSourceId, type SourceRef } from '@ctxlock/contracts/references'

import { CompileError } from '../compile-error.ts'
import { compareUtf16, roundScore } from '../retrieval/score.ts'
import type { LineRange } from './chunks.ts'
import { INDEX_FORMAT, readIndexRow } from './index-schema.ts'
import { queryTerms } from './tokens.ts'

export interface IndexHit {
  readonly path: string
  readonly range: LineRange
  /** A bounded reference with the hash the file had when it was indexed. */
  readonly ref: SourceRef & { readonly hash: Hash; readonly selector: string }
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

const SEARCH = `
  SELECT f.path, f.file_hash, c.start_line, c.end_line, c.code_units, t.score
  FROM (SELECT rowid, bm25(lexical_text, 2.0, 1.0) AS score FROM lexical_text WHERE lexical_text MATCH ? ORDER BY score LIMIT ?) t
  JOIN lexical_chunk c ON c.chunk_id = t.rowid
  JOIN lexical_file f ON f.file_id = c.file_id`

/**
 * The best windows for the words of a text: by score descending, then by canonical reference id (ACE-037). Which windows
 * stand at the end of the list depends on nothing but content: among equal scores the cut falls by that order too.
 * Never throws for any `text`; throws `InvalidInput` when `syncIndex` has not been called.
 */
export function searchIndex(
  database: SqlDatabase,
  { text, limit, perSource = Infinity, accepts = () => true }: IndexSearch,
): IndexHit[] {
  requireIndex(database)
  const terms = queryTerms(text)
  if (terms.length === 0) return []
  const statement = database.prepare(SEARCH)
  const match = terms.map((term) => `"${term}"`).join(' OR ')
  for (let fetched = limit * 4 + 64; ; fetched *= 8) {
    const rows = statement.all(match, fetched).map(toHit)
    const complete = rows.length < fetched
    const last = rows.reduce((lowest, { score }) => Math.min(lowest, score), 1)
    // Rows that tie with the last fetched one may have partners that were not fetched.
    const certain = complete ? rows : rows.filter(({ score }) => score > last)
    const accepted = certain.filter(({ hit }) => accepts(hit.path))
    const hits = capPerSource(accepted.toSorted(compareHits), perSource)
    if (complete || hits.length >= limit) return hits.slice(0, limit).map(({ hit }) => hit)
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

interface OrderedHit {
  readonly hit: IndexHit
  readonly score: number
  readonly id: string
}

function toHit(row: Record<string, unknown>): OrderedHit {
  const path = String(row.path)
  const range = { start: Number(row.start_line), end: Number(row.end_line) }
  const selector = `lines:${range.start}-${range.end}`
  const ref = { kind: 'span' as const, id: fileSourceId(path), hash: String(row.file_hash), selector }
  const score = normaliseScore(Number(row.score))
  const hit = { path, range, ref, score, codeUnits: Number(row.code_units) }
  return { hit, score, id: canonicalReferenceId({ kind: 'source_ref', ref }) }
}

/**
 * bm25 answers 0 to minus infinity; words that stand in most windows weigh one millionth. The fourth root keeps even those
 * apart after rounding, and a fixed curve keeps scores comparable between queries. Square roots are exact on every machine.
 */
function normaliseScore(bm25: number): number {
  const weight = Math.sqrt(Math.sqrt(Math.max(0, -bm25)))
  return roundScore(weight / (1 + weight))
}

/** The bm25 weight behind a score, positive; of two scores it tells how much better one matches. */
export function weightOf(score: number): number {
  const root = score / (1 - score)
  return root * root * root * root
}

function compareHits(left: OrderedHit, right: OrderedHit): number {
  return right.score - left.score || compareUtf16(left.id, right.id)
}

function capPerSource(hits: readonly OrderedHit[], perSource: number): OrderedHit[] {
  const counts = new Map<string, number>()
  return hits.filter(({ hit }) => {
    const count = (counts.get(hit.path) ?? 0) + 1
    counts.set(hit.path, count)
    return count <= perSource
  })
}
