import type { CacheStage } from '@ctxlock/contracts/guards'
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { QueryPlan, RetrievalTrace, RouteStep } from '@ctxlock/contracts/retrieval'
import { canonicalHash } from '@ctxlock/core-hash'

import { cacheKeyHash, stageCacheKey } from '../cache/cache-key.ts'
import { CompileError } from '../compile-error.ts'
import type { PreparedQuery } from './prepared-query.ts'
import type { RetrievalInput } from './retrieval-input.ts'
import type { RetrievalRoute, RouteAnswer, RouteHit, RouteQuery } from './route.ts'

export interface StoreAnswer {
  readonly hits: readonly RouteHit[]
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly taken: RetrievalTrace['route_taken'][number]
  readonly errors: readonly string[]
  readonly cacheStage?: CacheStage
}

/** Hits of one source beyond its cap are worth having only to replace what turns out to overlap or to repeat. */
const SPARE_PER_SOURCE = 2

/**
 * Asks one store. If that fails it is asked again for half as much (ACE-040); if that fails too the answer is empty, or the
 * call fails with `RequiredRouteFailed` when the plan requires the step.
 */
export async function askStore(
  step: RouteStep,
  route: RetrievalRoute,
  plan: QueryPlan,
  query: PreparedQuery,
  input: RetrievalInput,
): Promise<StoreAnswer> {
  const full = routeQuery(step, plan, query, input)
  const errors: string[] = []
  for (const asked of [full, { ...full, limit: Math.ceil(full.limit / 2) }]) {
    try {
      return await answer(asked, errors.length + 1)
    } catch (error) {
      errors.push(`route_failed:${step.store}:${errorName(error)}`)
      if (errors.length === 2 && step.required) throw requiredRouteFailed(step, error)
    }
  }
  const taken = { store: step.store, reason: 'skipped: failed twice', tool_calls: errors.length }
  return { hits: [], freshness: [], taken, errors }

  async function answer(asked: RouteQuery, attempts: number): Promise<StoreAnswer> {
    const stage = cacheStage(asked, route, plan, query, input)
    const cached = stage && input.cache?.get(stage.keyHash)
    const found: RouteAnswer = cached ?? (await route.search(asked))
    const payloadHash = cached?.payloadHash ?? (stage && input.cache?.put(stage.keyHash, found.hits))
    const freshness = step.store === 'context_packs' ? (found.freshness ?? []) : []
    const calls = (cached ? 0 : 1) + attempts - 1 + (found.extraToolCalls ?? 0)
    const reason = attempts === 1 ? step.purpose : `${step.purpose}; reduced after a failure`
    return {
      hits: step.store === 'context_packs' ? found.hits.filter((hit) => isFresh(hit, freshness)) : found.hits,
      freshness,
      errors,
      taken: {
        store: step.store,
        reason,
        tool_calls: calls,
        ...(stage && { cache_hit: cached !== undefined, cache_key_hash: stage.keyHash }),
      },
      ...(stage && { cacheStage: { ...stage.stage, hit: cached !== undefined, payload_hash: payloadHash ?? null } }),
    }
  }
}

function routeQuery(step: RouteStep, plan: QueryPlan, query: PreparedQuery, { scope }: RetrievalInput): RouteQuery {
  return {
    text: query.text,
    originalText: plan.query_text,
    limit: step.max_candidates,
    perSource: plan.budgets.max_snippets_per_source * SPARE_PER_SOURCE,
    filters: plan.filters,
    scopePaths: scope.paths,
  }
}

/** Only a route that can name its corpus by a hash is cacheable: without one nothing would tell when to ask again. */
function cacheStage(
  asked: RouteQuery,
  route: RetrievalRoute,
  plan: QueryPlan,
  query: PreparedQuery,
  input: RetrievalInput,
): { readonly keyHash: Hash; readonly stage: CacheStage } | undefined {
  const corpusHash = route.corpusHash?.()
  if (corpusHash === undefined) return undefined
  const { limit, perSource, scopePaths } = asked
  const config_hash = canonicalHash({ limit, perSource, scopePaths, originalText: asked.originalText })
  const toolchain = [
    ...(input.toolchain ?? []),
    { tool_id: `route:${route.store}`, tool_version: route.version, config_hash },
  ]
  const sources = [{ source_id: `corpus:${route.store}`, source_hash: corpusHash }]
  const kind = 'retrieval_candidates' as const
  const key = stageCacheKey({ kind, plan, queryHash: query.hash, scopeInputs: input.scope.inputs, toolchain, sources })
  const stage = {
    cache_kind: kind,
    hit: false,
    key,
    toolchain,
    sources,
    payload_hash: null,
    recorded_payload_hash: null,
  }
  return { keyHash: cacheKeyHash(key), stage }
}

function isFresh(hit: RouteHit, records: readonly ContextPackFreshnessRecord[]): boolean {
  return records.some(
    ({ outcome, effective_pack_payload_hash: usable }) =>
      (outcome === 'use_pack' || outcome === 'use_regenerated') && usable !== null && usable === hit.packPayloadHash,
  )
}

/** A name safe to record: another process's message may hold anything. */
function errorName(error: unknown): string {
  const name = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : ''
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name : 'unknown'
}

function requiredRouteFailed(step: RouteStep, cause: unknown): CompileError {
  const message = `The plan requires ${step.store}, which failed twice; see the cause, or make the step optional.`
  return new CompileError('RequiredRouteFailed', message, { store: step.store }, { cause })
}
