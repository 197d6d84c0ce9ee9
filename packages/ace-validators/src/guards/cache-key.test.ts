import type { CacheStage, CallInput } from '@ctxlock/contracts/guards'
import { type CacheKey, idsHash } from '@ctxlock/contracts/retrieval'
import { canonicalHash, textHash } from '@ctxlock/core-hash'
import { describe, expect, it } from 'vitest'

import { callInput, type CallOptions } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { cacheKeyGuard as guard } from './cache-key.ts'

const H = (digit: string): string => digit.repeat(64)
const tool = { tool_id: 'fts', tool_version: '1', config_hash: H('1') }
const other = { tool_id: 'abc', tool_version: '1', config_hash: H('2') }
const sources = [
  { source_id: 'file:b', source_hash: H('3') },
  { source_id: 'file:a', source_hash: H('4') },
]

/** The key the specification asks for, written out. */
function keyFor({ plan, scope_inputs }: CallInput, kind: CacheKey['cache_kind']): CacheKey {
  if (plan === null) throw new Error('The call has a plan.')
  return {
    cache_kind: kind,
    determinism_mode: plan.determinism_mode,
    policy_id: plan.policy_id,
    query_hash: textHash('where is a defined?'),
    scope_inputs_hash: canonicalHash(scope_inputs),
    budgets_hash: canonicalHash(plan.budgets),
    filters_hash: canonicalHash(plan.filters),
    toolchain_hash: canonicalHash([tool, other]),
    sources_hash: canonicalHash([
      ['file:a', H('4')],
      ['file:b', H('3')],
    ]),
  }
}

function staged(options: CallOptions, change: Partial<CacheStage> = {}): CallInput {
  const input = callInput({ ...options, policy: { cacheable_stages: ['retrieval_candidates'] } })
  const stage: CacheStage = {
    cache_kind: 'retrieval_candidates',
    hit: false,
    key: keyFor(input, 'retrieval_candidates'),
    toolchain: [tool, other, tool],
    sources,
    payload_hash: null,
    recorded_payload_hash: null,
    ...change,
  }
  return { ...input, cache_stages: [stage] }
}

describe.each(['strict', 'replay'] as const)('in %s mode', (mode) => {
  it('passes the key the inputs give', () => {
    expect(problems(ask(guard, staged({ mode })))).toEqual([])
  })

  it.each([
    'query_hash',
    'scope_inputs_hash',
    'budgets_hash',
    'filters_hash',
    'toolchain_hash',
    'sources_hash',
    'policy_id',
  ] as const)('refuses a key with another %s', (field) => {
    const input = staged({ mode })
    const key = { ...keyFor(input, 'retrieval_candidates'), [field]: H('f') }
    expect(problems(ask(guard, staged({ mode }, { key })))).toEqual(['CacheKeyMismatch key_differs'])
  })

  it('refuses a key of the other mode, of another stage, and with changed sources', () => {
    const { cache_stages: _stages, ...input } = staged({ mode })
    const key = keyFor({ ...input, cache_stages: [] }, 'spans')
    expect(problems(ask(guard, staged({ mode }, { key })))).toEqual(['CacheKeyMismatch key_differs'])
    expect(problems(ask(guard, staged({ mode }, { sources: sources.slice(1) })))).toEqual([
      'CacheKeyMismatch key_differs',
    ])
  })

  it('refuses a hit without key', () => {
    expect(problems(ask(guard, staged({ mode }, { key: null, hit: true })))).toEqual([
      'CacheKeyMissing retrieval_candidates',
    ])
  })

  it('refuses a route that was taken from a cache without a logged key', () => {
    const hit = (cache_key_hash?: string): CallInput =>
      callInput({
        mode,
        trace: (trace) => ({
          ...trace,
          route_taken: trace.route_taken.map((step) => ({
            ...step,
            cache_hit: true,
            ...(cache_key_hash !== undefined && { cache_key_hash }),
          })),
        }),
      })
    expect(problems(ask(guard, hit()))).toEqual(['CacheKeyMissing shadow_ws_lexical'])
    expect(problems(ask(guard, hit(H('f'))))).toEqual(['CacheKeyMismatch key_not_logged'])
  })

  it('refuses a rerank with empty hashes', () => {
    for (const hash of ['', idsHash([])]) {
      const rerank = { used: true, method: 'm', inputs_hash: hash, outputs_hash: H('1') }
      expect(problems(ask(guard, callInput({ mode, trace: (trace) => ({ ...trace, rerank }) })))).toEqual([
        'CacheKeyMismatch rerank_hash_empty',
      ])
    }
  })
})

describe('missing keys', () => {
  it('T-ACE-RAG-007: are refused in strict mode, whether the stage is listed or not', () => {
    expect(problems(ask(guard, staged({ mode: 'strict' }, { key: null })))).toEqual([
      'CacheKeyMissing retrieval_candidates',
    ])
    expect(problems(ask(guard, { ...staged({ mode: 'strict' }), cache_stages: [] }))).toEqual([
      'CacheKeyMissing retrieval_candidates',
    ])
  })

  it('warn in replay', () => {
    const outcome = ask(guard, { ...staged({}), cache_stages: [] })
    expect(outcome).toMatchObject({ verdict: 'pass', warnings: ['cache_key_missing:retrieval_candidates'] })
  })
})

it('replay: a hit needs the payload that was recorded', () => {
  const payload_hash = H('a')
  expect(problems(ask(guard, staged({}, { hit: true, payload_hash, recorded_payload_hash: payload_hash })))).toEqual([])
  expect(problems(ask(guard, staged({}, { hit: true, payload_hash, recorded_payload_hash: H('b') })))).toEqual([
    'CacheKeyMismatch payload_differs',
  ])
  expect(problems(ask(guard, staged({}, { hit: true })))).toEqual(['CacheKeyMismatch payload_differs'])
})
