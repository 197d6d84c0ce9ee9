import { QueryPlan, queryPlanHash } from '@ctxlock/contracts/retrieval'
import { describe, expect, test } from 'vitest'

import { countingStamps } from '../../test/support/ports.ts'
import { planQuery, type QueryPlanInput } from './query-plan.ts'
import { semanticCatalog } from './semantic-catalog.ts'

const input: QueryPlanInput = {
  queryText: 'How is a checksum computed?',
  stores: ['shadow_ws_lexical', 'context_packs'],
  determinismMode: 'strict',
  policyId: 'default',
}

describe('planQuery', () => {
  test('orders the stores as ACE-020 does and always ends with bounded reads', () => {
    const plan = planQuery(input, countingStamps())
    expect(QueryPlan.parse(plan)).toEqual(plan)
    expect(plan.route.map(({ store }) => store)).toEqual(['context_packs', 'shadow_ws_lexical', 'bounded_read_only'])
    expect(plan.filters).toEqual({ allow_external_fetch: false, trust_min: 'low' })
  })

  test('the candidates of all steps stay within max_candidates_total', () => {
    for (const total of [3, 7, 60]) {
      const plan = planQuery({ ...input, budgets: { max_candidates_total: total } }, countingStamps())
      const sum = plan.route.reduce((count, step) => count + step.max_candidates, 0)
      expect(sum).toBeLessThanOrEqual(total)
    }
  })

  test('plans a required store that is not there, so that its failure shows', () => {
    const plan = planQuery({ ...input, required: ['shadow_ws_vector'] }, countingStamps())
    expect(plan.route.find(({ store }) => store === 'shadow_ws_vector')?.required).toBe(true)
  })

  test('ids and times are outside the hash, everything else is inside', () => {
    const hash = queryPlanHash(planQuery(input, countingStamps()))
    expect(queryPlanHash(planQuery(input, countingStamps(500)))).toBe(hash)
    expect(queryPlanHash(planQuery({ ...input, policyId: 'other' }, countingStamps()))).not.toBe(hash)
  })

  test.each([
    ['a budget of zero', { max_read_tokens: 0 }],
    ['a negative budget', { max_snippets_total: -1 }],
    ['a budget that is no integer', { max_tool_calls: 1.5 }],
    ['NaN', { max_candidates_total: Number.NaN }],
    ['fewer candidates than stores', { max_candidates_total: 2 }],
    ['an inline limit above 100000', { tool_delta_inline_char_limit: 100_001 }],
  ])('refuses %s', (_, budgets) => {
    expect(() => planQuery({ ...input, budgets }, countingStamps())).toThrow(
      expect.objectContaining({ name: 'CompileError', code: 'InvalidInput' }),
    )
  })

  test('cuts a query of 100 KB at a whole character', () => {
    const plan = planQuery({ ...input, queryText: `${'a'.repeat(32_767)}${'😀'.repeat(40_000)}` }, countingStamps())
    expect(plan.query_text).toBe('a'.repeat(32_767))
    expect(planQuery({ ...input, queryText: '😀'.repeat(40_000) }, countingStamps()).query_text).toHaveLength(32_768)
  })

  test('a query with half a surrogate pair can be hashed', () => {
    const plan = planQuery({ ...input, queryText: 'a\ud800b' }, countingStamps())
    expect(plan.query_text).toBe('a\ufffdb')
    expect(queryPlanHash(plan)).toMatch(/^[0-9a-f]{64}$/)
  })

  test('messages do not repeat the query', () => {
    const attempt = () =>
      planQuery({ ...input, queryText: 'token-4711', budgets: { max_read_tokens: 0 } }, countingStamps())
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('token-4711') }))
  })
})

describe('semanticCatalog', () => {
  test('shows only entries and routes of granted stores (ACE-023)', () => {
    const entries = semanticCatalog(new Set(['shadow_ws_lexical']))
    expect(entries.map(({ entry_id }) => entry_id)).toEqual(['index:lexical', 'entity_type:file'])
    expect(entries.flatMap(({ query_routes }) => query_routes)).toEqual(['shadow_ws_lexical', 'shadow_ws_lexical'])
    expect(semanticCatalog(new Set())).toEqual([])
  })
})
