// What a store must offer to be asked, and how an answer looks. Answers are untrusted: a store may be another process.
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { SourceRead } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { SourceRef } from '@ctxlock/contracts/references'
import type { FetchDepth, RetrievalCandidate, RetrievalFilters, TrustClass } from '@ctxlock/contracts/retrieval'

export type SearchStore = RetrievalCandidate['store']

export interface RouteQuery {
  /** Normalised query text (ACE-026). */
  readonly text: string
  /** The query as it was asked, for stores that read identifiers in it. */
  readonly originalText: string
  readonly limit: number
  /** More hits of one source than this would be thrown away. */
  readonly perSource: number
  readonly filters: RetrievalFilters
  /** Files the task names, in its order. */
  readonly scopePaths: readonly string[]
  /** Takes one more of the call's tool calls, for work beyond the search itself; false when none is left (FG-017). */
  takeToolCall(): boolean
}

export interface RouteHit {
  /** Without hash and bounded selector a hit has no provenance and is dropped (ACE-062). */
  readonly ref: SourceRef
  /** Each in 0..1; anything else drops the hit with a warning (ACE-038). `pack` is 1 or nothing (ACE-034). */
  readonly scores: Pick<RetrievalCandidate['scores'], 'lexical' | 'vector' | 'graph' | 'pack'>
  /** Missing means `low`. */
  readonly trustClass?: TrustClass
  readonly fetchDepth?: FetchDepth
  /** The pack the hit is an anchor of. A hit of `context_packs` counts only if that pack's record says it may be used. */
  readonly packPayloadHash?: Hash
  /** Length in UTF-16 code units, to estimate tokens before anything is read. */
  readonly codeUnits?: number
  readonly contentTier?: string
  readonly consentProfile?: string
}

export interface RouteAnswer {
  /** In any order. */
  readonly hits: readonly RouteHit[]
  /** One record for each pack that was examined; only `context_packs` may answer with some. */
  readonly freshness?: readonly ContextPackFreshnessRecord[]
}

export interface RetrievalRoute {
  readonly store: SearchStore
  /** True when the same query over the same state always gets the same hits; strict calls skip others (ACE-014). */
  readonly deterministic: boolean
  /** Names all that its answers depend on besides the query and the corpus; part of every cache key. */
  readonly version: string
  search(query: RouteQuery): RouteAnswer | Promise<RouteAnswer>
  /** What answers, for the trace: such as the model behind the vectors. */
  describe?(): string
  /** Reads what a hit refers to, for ids that are no workspace files. Never more than was asked for (ACE-052). */
  read?(ref: SourceRef): SourceRead
  /** Hash over all the state its answers depend on. Only routes that have one are cached (ACE-057). */
  corpusHash?(): Hash
}
