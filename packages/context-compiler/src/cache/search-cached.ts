import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { CacheStage } from '@ctxlock/contracts/guards'
import type { SourceHash } from '@ctxlock/contracts/packs'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { canonicalHash, settle } from '@ctxlock/core-hash'

import type { PreparedQuery } from '../retrieval/prepared-query.ts'
import type { RetrievalInput } from '../retrieval/retrieval-input.ts'
import type { RetrievalRoute, RouteHit, RouteQuery } from '../retrieval/route.ts'
import { cacheKeyHash, stageCacheKey } from './cache-key.ts'

export interface Found {
  readonly hits: readonly RouteHit[]
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly stage?: CacheStage
}

/**
 * Looks the search up before it runs it (ACE-057). Only a route that names its corpus by a hash can be answered from the
 * cache: without one nothing would tell when to ask again. Packs are judged anew at every call; their key is logged and never
 * hits. Undefined when a search is needed and no tool call is left; throws what the route throws.
 */
export async function searchCached(
  asked: RouteQuery,
  route: RetrievalRoute,
  plan: QueryPlan,
  query: PreparedQuery,
  input: RetrievalInput,
): Promise<Found | undefined> {
  const corpusHash = route.store === 'context_packs' ? undefined : route.corpusHash?.()
  return corpusHash === undefined ? await searchOnly() : await lookUpOrSearch(corpusHash)

  async function lookUpOrSearch(corpusHash: Hash): Promise<Found | undefined> {
    const stage = stageOf([{ source_id: `corpus:${route.store}`, source_hash: corpusHash }])
    const key = cacheKeyHash(stage.key)
    const cached = input.cache?.get(key)
    if (cached) {
      const { hits, payloadHash } = cached
      // What was recorded when it was stored, and what it hashes to now: `get` found them equal (VAL-059).
      const recorded = { payload_hash: payloadHash, recorded_payload_hash: payloadHash }
      return { hits, freshness: [], stage: { ...stage, hit: true, ...recorded } }
    }
    if (!asked.takeToolCall()) return undefined
    const { hits } = await route.search(asked)
    const payload_hash = (hits.every(isHashable) && input.cache?.put(key, hits)) || null
    return { hits, freshness: [], stage: { ...stage, payload_hash } }
  }

  async function searchOnly(): Promise<Found | undefined> {
    if (!asked.takeToolCall()) return undefined
    const { hits, freshness = [] } = await route.search(asked)
    if (route.store !== 'context_packs') return { hits, freshness: [] }
    const packs = freshness.map(({ pack_id, pack_payload_hash: source_hash }) => ({
      source_id: `pack:${pack_id}`,
      source_hash,
    }))
    return { hits: hits.filter((hit) => isFresh(hit, freshness)), freshness, stage: stageOf(packs) }
  }

  function stageOf(sources: readonly SourceHash[]) {
    const { limit, perSource, scopePaths, originalText } = asked
    const config_hash = canonicalHash({ limit, perSource, scopePaths, originalText })
    const tool = { tool_id: `route:${route.store}`, tool_version: route.version, config_hash }
    const toolchain = [...(input.toolchain ?? []), tool]
    const kind = 'retrieval_candidates' as const
    const key = stageCacheKey({
      kind,
      plan,
      queryHash: query.hash,
      scopeInputs: input.scope.inputs,
      toolchain,
      sources,
    })
    const parts = settle({ cache_kind: kind, key, toolchain, sources })
    return { ...parts, hit: false, payload_hash: null, recorded_payload_hash: null }
  }
}

/** A score that is no number is dropped with a warning later (ACE-038); it has no hash. */
function isHashable({ scores }: RouteHit): boolean {
  return Object.values(scores).every(Number.isFinite)
}

/** A hit of a pack counts only if the record of that very pack says that it may be used (FG-020). */
function isFresh(hit: RouteHit, records: readonly ContextPackFreshnessRecord[]): boolean {
  return records.some(
    ({ outcome, effective_pack_payload_hash: usable }) =>
      (outcome === 'use_pack' || outcome === 'use_regenerated') && usable !== null && usable === hit.packPayloadHash,
  )
}
