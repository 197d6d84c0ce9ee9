import type { ScopeInputs } from '@ctxlock/contracts/context'
import type { CacheStage } from '@ctxlock/contracts/guards'
import type { SourceHash } from '@ctxlock/contracts/packs'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { CacheKey, QueryPlan } from '@ctxlock/contracts/retrieval'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'

import { compareUtf16 } from '../retrieval/score.ts'

export type Toolchain = CacheStage['toolchain']

export interface CacheKeyInput {
  readonly kind: CacheKey['cache_kind']
  readonly plan: QueryPlan
  /** `normalized_query_hash` of the plan's query. */
  readonly queryHash: Hash
  readonly scopeInputs: ScopeInputs
  readonly toolchain: Toolchain
  /** Everything the stage's result depends on, by hash. */
  readonly sources: readonly SourceHash[]
}

/** The key of one stage; pure, so that a guard can compute it again from the same records (ACE-057, ACE-058, VAL-059). */
export function stageCacheKey({ kind, plan, queryHash, scopeInputs, toolchain, sources }: CacheKeyInput): CacheKey {
  return {
    cache_kind: kind,
    determinism_mode: plan.determinism_mode,
    policy_id: plan.policy_id,
    query_hash: queryHash,
    scope_inputs_hash: canonicalHash(scopeInputs),
    budgets_hash: canonicalHash(plan.budgets),
    filters_hash: canonicalHash(plan.filters),
    toolchain_hash: toolchainHash(toolchain),
    sources_hash: sourcesHash(sources),
  }
}

/** The hash a cached value is stored under and a trace logs. */
export function cacheKeyHash(key: CacheKey): Hash {
  return canonicalHash(key)
}

/** Sorted and without repetition (spec 01 section 7). */
export function toolchainHash(toolchain: Toolchain): Hash {
  const byText = new Map(
    toolchain.map(({ tool_id, tool_version, config_hash }) => {
      const tool = { tool_id, tool_version, config_hash }
      return [canonicalize(tool), tool]
    }),
  )
  return canonicalHash([...byText].toSorted(([left], [right]) => compareUtf16(left, right)).map(([, tool]) => tool))
}

/** Sorted `[source_id, source_hash]` pairs (spec 01 section 7). */
export function sourcesHash(sources: readonly SourceHash[]): Hash {
  const pairs = sources.map(({ source_id, source_hash }): [string, Hash] => [source_id, source_hash])
  return canonicalHash(
    pairs.toSorted(([left, one], [right, two]) => compareUtf16(left, right) || compareUtf16(one, two)),
  )
}
