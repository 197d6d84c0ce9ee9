import type { AceError, CacheStage, CallInput, Guard } from '@ctxlock/contracts/guards'
import { type CacheKey, idsHash } from '@ctxlock/contracts/retrieval'
import { canonicalHash, canonicalize, textHash } from '@ctxlock/core-hash'

import { errorsOf, outcome } from './outcome.ts'
import { normalizedQuery } from './query-normalization.ts'

const NAME = 'CacheKeyGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.12: each stage that could be cached has the key its inputs give, and no other. */
export const cacheKeyGuard: Guard = {
  name: NAME,
  validateCall(input) {
    const missing = missingKeys(input)
    const strict = input.job.determinism_mode === 'strict'
    return outcome(
      [
        // VAL-058: in replay a missing key is forgiven unless something was taken from the cache.
        ...missing.filter(({ hit }) => strict || hit).map(({ stage }) => error('CacheKeyMissing', { stage })),
        ...input.cache_stages.flatMap((stage) => keyErrors(stage, input)),
        ...routeErrors(input),
        ...rerankErrors(input),
      ],
      { warnings: missing.filter(({ hit }) => !strict && !hit).map(({ stage }) => `cache_key_missing:${stage}`) },
    )
  },
}

/** VAL-057: stages that ran and may be cached, but of which no key was logged. */
function missingKeys({ policy, cache_stages, trace }: CallInput): { stage: CacheKey['cache_kind']; hit: boolean }[] {
  const ran: Record<CacheKey['cache_kind'], boolean> = {
    retrieval_candidates: trace !== null,
    rerank_order: trace?.rerank.used ?? false,
    spans: (trace?.spans.length ?? 0) > 0,
    prompt_envelope: true,
    context_snapshot: true,
  }
  const logged = cache_stages.filter(({ key }) => key !== null).map(({ cache_kind }) => cache_kind)
  const unlogged = policy.cacheable_stages.filter((stage) => ran[stage] && !logged.includes(stage))
  const withoutKey = cache_stages.filter(({ key }) => key === null)
  const stages = new Set([...unlogged, ...withoutKey.map(({ cache_kind }) => cache_kind)])
  return Array.from(stages, (stage) => ({
    stage,
    hit: withoutKey.some(({ cache_kind, hit }) => cache_kind === stage && hit),
  }))
}

/** VAL-059: the key is computed again; in replay a hit must have the payload that was recorded. */
function keyErrors(stage: CacheStage, input: CallInput): AceError[] {
  if (stage.key === null) return []
  const errors: AceError[] = []
  if (input.plan === null || canonicalHash(stage.key) !== canonicalHash(expectedKey(stage, input))) {
    errors.push(error('CacheKeyMismatch', { stage: stage.cache_kind, reason: 'key_differs' }))
  }
  const replayed = input.job.determinism_mode === 'replay' && stage.hit
  if (replayed && (stage.payload_hash === null || stage.payload_hash !== stage.recorded_payload_hash)) {
    errors.push(error('CacheKeyMismatch', { stage: stage.cache_kind, reason: 'payload_differs' }))
  }
  return errors
}

function expectedKey(
  { cache_kind, toolchain, sources }: CacheStage,
  { plan, scope_inputs }: CallInput,
): CacheKey | null {
  return (
    plan && {
      cache_kind,
      determinism_mode: plan.determinism_mode,
      policy_id: plan.policy_id,
      query_hash: textHash(normalizedQuery(plan.query_text)),
      scope_inputs_hash: canonicalHash(scope_inputs),
      budgets_hash: canonicalHash(plan.budgets),
      filters_hash: canonicalHash(plan.filters),
      toolchain_hash: toolchainHash(toolchain),
      sources_hash: sourcesHash(sources),
    }
  )
}

/** A set: sorted by canonical text, each tool once (spec 01 section 7). */
function toolchainHash(toolchain: CacheStage['toolchain']): string {
  const texts = toolchain.map(({ tool_id, tool_version, config_hash }) =>
    canonicalize({ tool_id, tool_version, config_hash }),
  )
  return textHash(`[${[...new Set(texts)].toSorted().join(',')}]`)
}

/** Pairs in the order of id, then hash (spec 01 section 7). */
function sourcesHash(sources: CacheStage['sources']): string {
  const pairs = sources.map(({ source_id, source_hash }): [string, string] => [source_id, source_hash])
  return canonicalHash(
    pairs.toSorted(([id, hash], [otherId, otherHash]) => compare(id, otherId) || compare(hash, otherHash)),
  )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}

/** A stage the trace calls cached must be one of those with a key. */
function routeErrors({ trace, cache_stages, job }: CallInput): AceError[] {
  const known = new Set(cache_stages.flatMap(({ key }) => (key === null ? [] : [canonicalHash(key)])))
  return (trace?.route_taken ?? []).flatMap(({ store, cache_hit, cache_key_hash }) => {
    if (cache_key_hash !== undefined && !known.has(cache_key_hash)) {
      return [error('CacheKeyMismatch', { stage: store, reason: 'key_not_logged' })]
    }
    const needed = cache_hit === true || (cache_hit === false && job.determinism_mode === 'strict')
    return needed && cache_key_hash === undefined ? [error('CacheKeyMissing', { stage: store })] : []
  })
}

const EMPTY_LIST = idsHash([])

/** VAL-059: rerank used with an empty inputs or outputs hash. */
function rerankErrors({ trace }: CallInput): AceError[] {
  const rerank = trace?.rerank
  if (!rerank?.used) return []
  const empty = [rerank.inputs_hash, rerank.outputs_hash].some(
    (hash) => !/^[0-9a-f]{64}$/.test(hash) || hash === EMPTY_LIST,
  )
  return empty ? [error('CacheKeyMismatch', { stage: 'rerank_order', reason: 'rerank_hash_empty' })] : []
}
