import type { CacheStage } from '@ctxlock/contracts/guards'
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { QueryPlan, RetrievalTrace, RouteStep } from '@ctxlock/contracts/retrieval'

import { cacheKeyHash } from '../cache/cache-key.ts'
import { searchCached } from '../cache/search-cached.ts'
import { CompileError } from '../compile-error.ts'
import type { PreparedQuery } from './prepared-query.ts'
import type { RetrievalInput } from './retrieval-input.ts'
import type { RetrievalRoute, RouteHit, RouteQuery } from './route.ts'
import type { ToolCalls } from './tool-calls.ts'

export interface StoreAnswer {
  readonly hits: readonly RouteHit[]
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly taken: RetrievalTrace['route_taken'][number]
  readonly errors: readonly string[]
  readonly cacheStage?: CacheStage
}

/** Hits of one source beyond its cap are worth having only to replace what turns out to overlap or to repeat. */
const SPARE_PER_SOURCE = 2

/** As long as a trace may say it. */
const MAX_REASON = 512

/**
 * Asks one store. If that fails and a tool call is left it is asked again for half as much (ACE-040); if that fails too the
 * answer is empty, or the call fails with `RequiredRouteFailed` when the plan requires the step.
 */
export async function askStore(
  step: RouteStep,
  route: RetrievalRoute,
  plan: QueryPlan,
  query: PreparedQuery,
  input: RetrievalInput,
  calls: ToolCalls,
): Promise<StoreAnswer> {
  const before = calls.searches
  const full = routeQuery(step, plan, query, input, calls)
  const errors: string[] = []
  let cause: unknown
  for (const asked of [full, { ...full, limit: Math.ceil(full.limit / 2) }]) {
    try {
      const found = await searchCached(asked, route, plan, query, input)
      if (!found) break
      const reason = [step.purpose, route.describe?.(), errors.length > 0 && 'reduced after a failure']
      const { stage } = found
      return {
        hits: found.hits,
        freshness: found.freshness,
        errors,
        taken: {
          store: step.store,
          reason: reason.filter(Boolean).join('; ').slice(0, MAX_REASON),
          tool_calls: calls.searches - before,
          ...(stage?.key && { cache_hit: stage.hit, cache_key_hash: cacheKeyHash(stage.key) }),
        },
        ...(stage && { cacheStage: stage }),
      }
    } catch (error) {
      errors.push(`route_failed:${step.store}:${errorName(error)}`)
      cause = error
    }
  }
  if (step.required) throw requiredRouteFailed(step, errors.length, cause)
  const taken = {
    store: step.store,
    reason: `skipped: failed ${errors.length} times`,
    tool_calls: calls.searches - before,
  }
  return { hits: [], freshness: [], taken, errors }
}

function routeQuery(
  step: RouteStep,
  plan: QueryPlan,
  query: PreparedQuery,
  { scope }: RetrievalInput,
  calls: ToolCalls,
): RouteQuery {
  return {
    text: query.text,
    originalText: plan.query_text,
    limit: step.max_candidates,
    perSource: plan.budgets.max_snippets_per_source * SPARE_PER_SOURCE,
    filters: plan.filters,
    scopePaths: scope.paths,
    takeToolCall: () => calls.take(),
  }
}

/** A name safe to record: another process's message may hold anything. */
function errorName(error: unknown): string {
  const name = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : ''
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name : 'unknown'
}

function requiredRouteFailed(step: RouteStep, attempts: number, cause: unknown): CompileError {
  const message = `The plan requires ${step.store}, which failed ${attempts} times; see the cause, or make the step optional.`
  return new CompileError('RequiredRouteFailed', message, { store: step.store }, { cause })
}
