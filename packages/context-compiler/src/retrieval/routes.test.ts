import { textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { callOver, linesOfTokens } from '../../test/support/call.ts'
import { files, fixedRoute, hitOf, sources } from '../../test/support/retrievals.ts'
import { lexicalRoute } from '../lexical/lexical-route.ts'
import type { Reranker } from './rerank.ts'
import { retrieve } from './retrieve.ts'

describe('routes', () => {
  test('an optional store that is not installed is skipped with the reason, a required one fails by name', async () => {
    const call = callOver(files)
    const stores = ['shadow_ws_lexical', 'knowledge_graph'] as const
    const retrieval = await retrieve(call.input({ plan: { stores } }))
    expect(retrieval.trace.route_taken[0]).toEqual({
      store: 'knowledge_graph',
      reason: 'skipped: no route installed',
      tool_calls: 0,
    })
    await expect(retrieve(call.input({ plan: { stores, required: ['knowledge_graph'] } }))).rejects.toMatchObject({
      code: 'RouteUnavailable',
      details: { store: 'knowledge_graph' },
    })
  })

  test('steps run until there is enough evidence (ACE-032); a required one runs in any case', async () => {
    const call = callOver(files)
    let asked = 0
    const late = fixedRoute([], {
      search() {
        asked += 1
        return { hits: [] }
      },
    })
    const enough = { budgets: { max_snippets_total: 1 } }
    const routes = [lexicalRoute(call.database), late]
    const retrieval = await retrieve(call.input({ routes, plan: enough }))
    expect(retrieval.trace.route_taken[1]).toMatchObject({
      store: 'shadow_ws_vector',
      reason: 'skipped: enough evidence',
    })
    expect(asked).toBe(0)
    await retrieve(call.input({ routes, plan: { ...enough, required: ['shadow_ws_vector'] } }))
    expect(asked).toBe(1)
  })

  test('many windows of one file are not enough evidence: the cap counts', async () => {
    const call = callOver({ 'big.md': linesOfTokens(400, 10, 'checksum') })
    let asked = false
    const late = fixedRoute([], {
      search() {
        asked = true
        return { hits: [] }
      },
    })
    await retrieve(
      call.input({ routes: [lexicalRoute(call.database), late], plan: { budgets: { max_snippets_total: 3 } } }),
    )
    expect(asked).toBe(true)
  })

  test('named files do not keep the first store from being asked, but the next ones', async () => {
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`f${index}.md`, `checksum ${index}\n`]))
    const call = callOver(many)
    const routes = [fixedRoute([], { store: 'knowledge_graph' }), lexicalRoute(call.database)]
    const { trace } = await retrieve(call.input({ routes, paths: Object.keys(many) }))
    expect(trace.route_taken.map(({ store, reason }) => `${store} ${reason}`)).toEqual([
      'knowledge_graph entities that narrow the search',
      'shadow_ws_lexical skipped: enough evidence',
      'bounded_read_only named files and selected candidates',
    ])
  })

  test('a store that fails is asked once more for half as much, then given up; its message goes nowhere (ACE-040)', async () => {
    const limits: number[] = []
    const broken = fixedRoute([], {
      search({ limit }) {
        limits.push(limit)
        throw new TypeError('secret-4711 in /home/user')
      },
    })
    const call = callOver(files)
    const retrieval = await retrieve(call.input({ routes: [broken] }))
    expect(limits).toEqual([30, 15])
    expect(retrieval.trace.errors).toEqual([
      'route_failed:shadow_ws_vector:TypeError',
      'route_failed:shadow_ws_vector:TypeError',
    ])
    expect(JSON.stringify(retrieval.trace)).not.toContain('secret-4711')
    const required = call.input({ routes: [broken], plan: { required: ['shadow_ws_vector'] } })
    await expect(retrieve(required)).rejects.toMatchObject({
      code: 'RequiredRouteFailed',
      cause: expect.any(TypeError),
    })
  })

  test('a store that recovers is used', async () => {
    let calls = 0
    const flaky = fixedRoute([], {
      search() {
        calls += 1
        if (calls === 1) throw new Error('once')
        return { hits: [hitOf('src/depot.ts', files['src/depot.ts'], 0.5)] }
      },
    })
    const retrieval = await retrieve(callOver(files).input({ routes: [flaky] }))
    expect(sources(retrieval)).toEqual(['file:src/depot.ts'])
    expect(retrieval.trace.errors).toEqual(['route_failed:shadow_ws_vector:Error'])
    expect(retrieval.trace.route_taken[0]).toMatchObject({ tool_calls: 2 })
  })

  test("hostile answers: unbounded, without provenance, NaN, another store's pack score", async () => {
    const good = hitOf('src/depot.ts', files['src/depot.ts'], 0.5)
    const route = fixedRoute([
      { ...good, ref: { kind: 'span', id: 'file:src/depot.ts', hash: good.ref.hash ?? '' } },
      { ...good, ref: { kind: 'entity', id: 'kg:1', selector: 'block:x' } },
      { ...good, ref: { ...good.ref, selector: 'lines:1-3' }, scores: { vector: Number.NaN } },
      { ...good, scores: { vector: 0.1, pack: 1 } },
    ])
    const retrieval = await retrieve(callOver(files).input({ routes: [route] }))
    expect(retrieval.candidates.map(({ base_score }) => base_score)).toEqual([0.1])
    expect(retrieval.trace.warnings).toEqual([
      'provenance_missing:shadow_ws_vector',
      expect.stringMatching(/^score_invalid:/),
    ])
    expect(retrieval.decisions.map(({ reason }) => reason)).toEqual([
      'holds 0 of 1 query terms',
      'provenance_missing',
      'provenance_missing',
      'score_invalid',
    ])
  })

  test('what is no workspace file is read through the route that named it', async () => {
    const page = 'A cached page.\n'
    const route = fixedRoute([], {
      store: 'local_web_cache',
      search: () => ({
        hits: [
          {
            ref: { kind: 'doc_block', id: 'web:1', hash: textHash(page), selector: 'lines:1-1' },
            scores: { lexical: 0.5 },
          },
        ],
      }),
      read: () => ({ status: 'read', bytes: Buffer.from(page) }),
    })
    const retrieval = await retrieve(callOver(files).input({ routes: [route] }))
    expect(retrieval.snippets.map(({ text }) => text)).toEqual(['A cached page.'])
  })

  test('strict calls skip stores that are not deterministic, and fail when the plan requires them', async () => {
    const call = callOver(files)
    const approximate = fixedRoute([hitOf('src/depot.ts', files['src/depot.ts'], 0.5)], { deterministic: false })
    const strict = { determinismMode: 'strict' } as const
    const retrieval = await retrieve(call.input({ routes: [approximate], plan: strict }))
    expect(retrieval.trace.route_taken[0]?.reason).toMatch(/^skipped: not deterministic/)
    const required = call.input({ routes: [approximate], plan: { ...strict, required: ['shadow_ws_vector'] } })
    await expect(retrieve(required)).rejects.toMatchObject({ code: 'RouteUnavailable' })
  })
})

describe('reranking', () => {
  const reversing: Reranker = {
    method: 'reverse',
    deterministic: false,
    rerank: (_, candidates) => candidates.map(({ candidate_id }) => candidate_id).toReversed(),
  }

  test('its order is followed and recorded', async () => {
    const call = callOver(files)
    const plain = await retrieve(call.input())
    const retrieval = await retrieve({ ...call.input(), reranker: reversing })
    expect(sources(retrieval)).toEqual(sources(plain).toReversed())
    expect(retrieval.trace.rerank).toMatchObject({
      used: true,
      method: 'reverse',
      inputs_hash: plain.trace.rerank.inputs_hash,
    })
    expect(retrieval.trace.rerank.outputs_hash).not.toBe(retrieval.trace.rerank.inputs_hash)
    expect(retrieval.trace.candidates).toEqual(plain.trace.candidates)
  })

  test('a strict call does without a reranker that is not deterministic (ACE-041)', async () => {
    const call = callOver(files)
    const retrieval = await retrieve({ ...call.input({ plan: { determinismMode: 'strict' } }), reranker: reversing })
    expect(retrieval.trace.rerank.used).toBe(false)
    expect(retrieval.trace.warnings).toEqual(['rerank_disabled:nondeterministic'])
  })

  test('only the first max_rerank_candidates are passed (ACE-043)', async () => {
    let passed = 0
    const counting = {
      ...reversing,
      rerank: (_: string, list: Parameters<Reranker['rerank']>[1]) => {
        passed = list.length
        return list.map((one) => one.candidate_id)
      },
    }
    await retrieve({
      ...callOver(files).input({ plan: { budgets: { max_rerank_candidates: 1 } } }),
      reranker: counting,
    })
    expect(passed).toBe(1)
  })

  test.each([
    ['loses one', (ids: string[]) => ids.slice(1)],
    ['repeats one', (ids: string[]) => [...ids.slice(1), ids[1] ?? '']],
    ['invents one', (ids: string[]) => [...ids.slice(1), 'f'.repeat(32)]],
    ['adds one', (ids: string[]) => [...ids, 'f'.repeat(32)]],
    ['returns one twice', (ids: string[]) => [...ids, ids[0] ?? '']],
  ])('a reranker that %s is refused', async (_, change) => {
    const reranker: Reranker = { ...reversing, rerank: (_query, list) => change(list.map((one) => one.candidate_id)) }
    await expect(retrieve({ ...callOver(files).input(), reranker })).rejects.toMatchObject({ code: 'RerankInvalid' })
  })
})
