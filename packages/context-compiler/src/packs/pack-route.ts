import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { ContextPackPayload, ContextPackRecord, PackAnchor } from '@ctxlock/contracts/packs'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { fileSourceId, parseSelector } from '@ctxlock/contracts/references'
import { oncePerSettled } from '@ctxlock/core-hash'

import { INDEX_FORMAT } from '../lexical/index-schema.ts'
import { searchIndex, weightOf } from '../lexical/search-index.ts'
import { queryTerms, tokenise } from '../lexical/tokens.ts'
import type { LineRange } from '../lexical/chunks.ts'
import type { RetrievalRoute, RouteHit, RouteQuery } from '../retrieval/route.ts'
import { scopeScore } from '../retrieval/score.ts'

/** A pack whose sources were compared with the workspace just now, and what the policy made of it. */
export interface CheckedPack {
  readonly freshness: ContextPackFreshnessRecord
  /** The pack that may be used, old or rebuilt; left out when there is none. */
  readonly pack?: { readonly record: ContextPackRecord; readonly payload: ContextPackPayload }
}

/**
 * Decides about the pack of one workspace file; undefined when the file has none. Called once a path and search. A check that
 * rebuilds must take a tool call first, and do without when there is none (FG-017).
 */
export type PackCheck = (
  path: string,
  budget: { readonly takeToolCall: () => boolean },
) => CheckedPack | undefined | Promise<CheckedPack | undefined>

export interface PackRouteOptions {
  readonly database: SqlDatabase
  readonly check: PackCheck
  /** Leaves out files that are not named by the task. */
  readonly accepts?: (path: string) => boolean
  /** False when checking may rebuild with something that is not deterministic (FG-019). */
  readonly deterministic?: boolean
}

/**
 * The store `context_packs`: anchors of fresh packs, found where the lexical index finds the query's words, and for every
 * file the task names. A stale or invalid pack brings no hit, only its freshness record (FG-020, FG-021).
 */
export function packRoute({ database, check, accepts, deterministic = true }: PackRouteOptions): RetrievalRoute {
  return {
    store: 'context_packs',
    deterministic,
    version: `packs@1/${INDEX_FORMAT}`,
    async search(query) {
      const found = matches(database, query, accepts)
      const budget = { takeToolCall: () => query.takeToolCall() }
      const hits: RouteHit[] = []
      const freshness: ContextPackFreshnessRecord[] = []
      for (const [path, ranges] of found) {
        const checked = await check(path, budget)
        if (!checked) continue
        freshness.push(checked.freshness)
        const pack = usablePack(checked)
        if (!pack) continue
        const anchors = rankAnchors(ownAnchors(path, pack), ranges, query, query.scopePaths.includes(path))
        hits.push(...anchors.map((anchor) => ({ ...anchor, packPayloadHash: pack.record.payload_hash })))
      }
      return { hits, freshness }
    },
  }
}

/**
 * A pack lifts its anchors above every other hit, so it must not lift a weak match: a window counts here only if it matches
 * at least this well, compared with the best window of all files, packed or not.
 */
const WEAKEST_MATCH = 2 / 3

interface Match extends LineRange {
  readonly score: number
}

/** The files to look at: those the task names first, then those the index finds, each with the ranges it found. */
function matches(database: SqlDatabase, query: RouteQuery, accepts: PackRouteOptions['accepts']): Map<string, Match[]> {
  const found = new Map<string, Match[]>(query.scopePaths.map((path) => [path, []]))
  const { originalText: text, limit, perSource } = query
  const hits = searchIndex(database, { text, limit, perSource, ...(accepts && { accepts }) })
  const floor = weightOf(hits[0]?.score ?? 0) * WEAKEST_MATCH
  for (const { path, range, score } of hits) {
    if (weightOf(score) < floor) continue
    const ranges = found.get(path) ?? []
    ranges.push({ ...range, score })
    found.set(path, ranges)
  }
  return found
}

type Pack = NonNullable<CheckedPack['pack']>

/** The pack, if it is valid, fresh and the very one the record speaks of. */
function usablePack({ freshness, pack }: CheckedPack): Pack | undefined {
  const usable = freshness.outcome === 'use_pack' || freshness.outcome === 'use_regenerated'
  return usable && pack?.record.payload_hash === freshness.effective_pack_payload_hash ? pack : undefined
}

function ownAnchors(path: string, { payload }: Pack): PackAnchor[] {
  return payload.anchors.filter(({ source_ref: ref }) => ref.id === fileSourceId(path) && ref.hash !== undefined)
}

function rankAnchors(
  anchors: readonly PackAnchor[],
  ranges: readonly Match[],
  query: RouteQuery,
  inScope: boolean,
): RouteHit[] {
  const terms = new Set(queryTerms(query.originalText))
  const scored = anchors.map((anchor) => ({ anchor, score: anchorScore(anchor, ranges, terms, inScope) }))
  const best = scored.filter(({ score }) => score > 0).toSorted((left, right) => right.score - left.score)
  // Sorting is stable and anchors are sorted by position (CP-015), so equal scores keep the order of the file.
  return best.slice(0, query.perSource).map(({ anchor, score }, rank) => ({
    ref: anchor.source_ref,
    scores: { pack: 1, lexical: inScope ? scopeScore(rank) : score },
  }))
}

/**
 * Half the best index hit the anchor overlaps, weighed by how much of the anchor it covers so that a method beats its class;
 * half the share of query words in its hint. A named file's anchors always count, other files' only where the index hit.
 */
function anchorScore(
  anchor: PackAnchor,
  ranges: readonly Match[],
  terms: ReadonlySet<string>,
  inScope: boolean,
): number {
  const { place, words } = readAnchor(anchor)
  if (place?.kind !== 'lines') return 0
  const found = ranges.map((range) => range.score * ((1 + coverage(place, range)) / 2))
  const best = Math.max(0, ...found.filter((_, index) => coverage(place, ranges[index]) > 0))
  if (best === 0 && !inScope) return 0
  const hinted = words.filter((word) => terms.has(word)).length
  return Math.max(0.000001, (best + hinted / Math.max(1, terms.size)) / 2)
}

/** Where an anchor is, and each word of its hint once. A pack that is kept is asked again by every call. */
const readAnchor = oncePerSettled(({ source_ref, excerpt_hint }: PackAnchor) => ({
  place: parseSelector(source_ref.selector ?? ''),
  words: [...new Set(tokenise(excerpt_hint))],
}))

/** The share of an anchor's lines that a range covers. */
function coverage(anchor: LineRange, range: LineRange | undefined): number {
  if (!range) return 0
  const shared = Math.min(anchor.end, range.end) - Math.max(anchor.start, range.start) + 1
  return Math.max(0, shared) / (anchor.end - anchor.start + 1)
}
