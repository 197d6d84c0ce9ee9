import { DEFAULT_RETRIEVAL_BUDGETS } from '@ctxlock/contracts/retrieval'
import { canonicalHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { callOver, type CallOptions } from '../../test/support/call.ts'
import { filesOf } from '../../test/support/folder.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { lexicalRoute } from '../lexical/lexical-route.ts'
import { syncIndex } from '../lexical/sync-index.ts'
import { retrieve } from '../retrieval/retrieve.ts'
import type { RetrievalRoute, RouteHit } from '../retrieval/route.ts'
import { cacheKeyHash, sourcesHash, stageCacheKey, toolchainHash } from './cache-key.ts'
import { candidateCache } from './candidate-cache.ts'

const files = { 'a.md': 'The checksum of a box.\n', 'b.md': 'A depot.\n' }

function warmable() {
  const call = callOver(files)
  const cache = candidateCache()
  let searches = 0
  const lexical = lexicalRoute(call.database)
  const route: RetrievalRoute = {
    ...lexical,
    search(query) {
      searches += 1
      return lexical.search(query)
    },
  }
  return {
    ...call,
    cache,
    async run(options: CallOptions = {}, more: object = {}) {
      const before = searches
      const retrieval = await retrieve({ ...call.input({ routes: [route], ...options }), cache, ...more })
      const step = retrieval.trace.route_taken[0]
      return { retrieval, step, searched: searches > before }
    },
  }
}

describe('the cache of candidates (T-ACE-RAG-007)', () => {
  test('unchanged inputs give a hit that is marked and changes nothing else', async () => {
    const call = warmable()
    const cold = await call.run()
    const warm = await call.run()
    expect(cold).toMatchObject({ searched: true, step: { cache_hit: false, tool_calls: 1 } })
    expect(warm).toMatchObject({ searched: false, step: { cache_hit: true, tool_calls: 0 } })
    expect(warm.step?.cache_key_hash).toBe(cold.step?.cache_key_hash)
    expect(warm.retrieval.snippets).toEqual(cold.retrieval.snippets)
    expect(warm.retrieval.candidateList).toEqual(cold.retrieval.candidateList)
    expect(warm.retrieval.cacheStages[0]).toMatchObject({ cache_kind: 'retrieval_candidates', hit: true })
    const payload_hash = cold.retrieval.cacheStages[0]?.payload_hash
    expect(payload_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(warm.retrieval.cacheStages[0]).toMatchObject({ payload_hash, recorded_payload_hash: payload_hash })
  })

  test.each<[string, CallOptions, object]>([
    ['policy_id', { plan: { policyId: 'other' } }, {}],
    ['query', { query: 'checksums' }, {}],
    ['query, in letter case only', { query: 'CHECKSUM' }, {}],
    ['scope', { paths: ['b.md'] }, {}],
    ['budgets', { plan: { budgets: { max_read_tokens: 251 } } }, {}],
    ['filters', { plan: { filters: { trust_min: 'low', allow_external_fetch: true } } }, {}],
    ['mode', { plan: { determinismMode: 'strict' } }, {}],
    ['tool version', {}, { toolchain: [{ tool_id: 'extractor', tool_version: '2', config_hash: canonicalHash({}) }] }],
  ])('a change of %s is a miss', async (_, options, more) => {
    const call = warmable()
    await call.run()
    const changed = await call.run(options, more)
    expect(changed).toMatchObject({ searched: true, step: { cache_hit: false } })
    expect(await call.run(options, more)).toMatchObject({ searched: false, step: { cache_hit: true } })
  })

  test('a change of any source is a miss, and its undoing a hit', async () => {
    const call = warmable()
    await call.run()
    writeFile(call.root, 'b.md', 'A depot has a checksum.\n')
    syncIndex(call.database, { files: filesOf(call.root) })
    const changed = await call.run()
    expect(changed.searched).toBe(true)
    expect(changed.retrieval.candidates).toHaveLength(2)
    writeFile(call.root, 'b.md', files['b.md'])
    syncIndex(call.database, { files: filesOf(call.root) })
    expect((await call.run()).searched).toBe(false)
  })

  test('a hit whose score is no number is dropped, cached or not', async () => {
    const call = warmable()
    const lexical = lexicalRoute(call.database)
    const route: RetrievalRoute = {
      ...lexical,
      async search(query) {
        const { hits } = await lexical.search(query)
        return { hits: hits.map((hit) => ({ ...hit, scores: { lexical: Number.NaN } })) }
      },
    }
    const { retrieval } = await call.run({ routes: [route] })
    expect(retrieval.trace.warnings).toEqual([expect.stringMatching(/^score_invalid:/), 'no_candidates'])
    expect(retrieval.trace.errors).toEqual([])
  })

  test('every stage that can be cached logs a key a guard can compute again (VAL-059)', async () => {
    const call = warmable()
    const { retrieval, step } = await call.run()
    const [stage] = retrieval.cacheStages
    const input = call.input()
    if (!stage?.key || !input.plan) throw new Error('the stage has a key')
    const again = stageCacheKey({
      kind: stage.cache_kind,
      plan: input.plan,
      queryHash: retrieval.trace.normalized_query_hash,
      scopeInputs: input.scope.inputs,
      toolchain: stage.toolchain,
      sources: stage.sources,
    })
    expect(again).toEqual(stage.key)
    expect(cacheKeyHash(again)).toBe(step?.cache_key_hash)
  })
})

describe('candidateCache', () => {
  const makeHit = (): RouteHit => ({ ref: { kind: 'span', id: 'file:a.md' }, scores: { lexical: 0.5 } })
  const key = (index: number) => canonicalHash(index)

  test('a value that was changed after it was stored is not returned (ACE-060)', () => {
    const cache = candidateCache()
    cache.put(key(1), [makeHit()])
    const stored = cache.get(key(1))
    Object.assign(stored?.hits[0]?.scores ?? {}, { lexical: 1 })
    expect(cache.get(key(1))).toBeUndefined()
  })

  test('a change of what was handed in changes nothing', () => {
    const cache = candidateCache()
    const own = makeHit()
    cache.put(key(1), [own])
    Object.assign(own.scores, { lexical: 1 })
    expect(cache.get(key(1))?.hits).toEqual([makeHit()])
  })

  test('holds as many as it may', () => {
    const cache = candidateCache({ capacity: 2 })
    for (const index of [1, 2, 3]) cache.put(key(index), [makeHit()])
    expect([1, 2, 3].map((index) => cache.get(key(index)) !== undefined)).toEqual([false, true, true])
  })
})

describe('key parts', () => {
  test('budgets, toolchain and sources are sets: their order does not count, their content does', () => {
    const [one, two] = ['1', '2'].map((tool_version) => ({ tool_id: 'x', tool_version, config_hash: 'a'.repeat(64) }))
    if (!one || !two) throw new Error('two tools')
    expect(toolchainHash([one, two])).toBe(toolchainHash([two, one, one]))
    expect(toolchainHash([one])).not.toBe(toolchainHash([two]))
    const [a, b] = ['a', 'b'].map((id) => ({ source_id: `file:${id}`, source_hash: 'b'.repeat(64) }))
    if (!a || !b) throw new Error('two sources')
    expect(sourcesHash([a, b])).toBe(sourcesHash([b, a]))
    expect(sourcesHash([a])).toBe(canonicalHash([['file:a', 'b'.repeat(64)]]))
    expect(canonicalHash({ ...DEFAULT_RETRIEVAL_BUDGETS })).toBe(canonicalHash(DEFAULT_RETRIEVAL_BUDGETS))
  })
})
