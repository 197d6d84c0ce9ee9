import { canonicalHash, textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { envelopeHashes, type ContextBlock } from './context.ts'
import {
  candidateId,
  DEFAULT_RETRIEVAL_BUDGETS,
  idsHash,
  QueryPlan,
  queryPlanHash,
  RetrievalBudgets,
} from './retrieval.ts'

const ref = { kind: 'span' as const, id: 'file:src/a.ts', hash: 'a'.repeat(64), selector: 'lines:1-2' }
const plan: QueryPlan = {
  schema_version: 'hsk.query_plan@1',
  plan_id: '00000000-0000-4000-8000-000000000001',
  created_at: '2026-11-20T12:00:00.000Z',
  query_text: 'checksum',
  query_kind: 'unknown',
  route: [{ store: 'bounded_read_only', purpose: 'reads', max_candidates: 1, required: false }],
  budgets: DEFAULT_RETRIEVAL_BUDGETS,
  filters: { allow_external_fetch: false, trust_min: 'low' },
  determinism_mode: 'strict',
  policy_id: 'default',
  version: 1,
}
const block: ContextBlock = {
  kind: 'task',
  content: 'x',
  source_refs: [],
  sensitivity: 'low',
  projection: 'full',
  order_key: '1',
}

describe('the hash basis of a call (spec 01 section 7)', () => {
  test('a candidate is known by store and canonical reference', () => {
    const canonicalId = `["source_ref","span","file:src/a.ts","${'a'.repeat(64)}","lines:1-2"]`
    expect(candidateId('context_packs', { kind: 'source_ref', ref })).toBe(
      canonicalHash(['context_packs', canonicalId]).slice(0, 32),
    )
    expect(candidateId('shadow_ws_lexical', { kind: 'source_ref', ref })).not.toBe(
      candidateId('context_packs', { kind: 'source_ref', ref }),
    )
  })

  test('an empty list of ids hashes like []', () => {
    expect(idsHash([])).toBe('4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945')
    expect(idsHash(['a', 'b'])).toBe(textHash('["a","b"]'))
  })

  test('ids and creation times are outside, all else is inside', () => {
    const later = { ...plan, plan_id: '00000000-0000-4000-8000-000000000002', created_at: '2026-11-21T12:00:00.000Z' }
    expect(queryPlanHash(later)).toBe(queryPlanHash(plan))
    const { plan_id: _, created_at: _at, ...content } = plan
    expect(queryPlanHash(plan)).toBe(canonicalHash(content))
    expect(queryPlanHash({ ...plan, version: 2 })).not.toBe(queryPlanHash(plan))
  })

  test('a block on the other side of the cache boundary is another prompt', () => {
    const [one, other] = [envelopeHashes([block], []), envelopeHashes([], [block])]
    expect(one.full_prompt_hash).not.toBe(other.full_prompt_hash)
    expect(one.stable_prefix_hash).toBe(other.variable_suffix_hash)
  })

  test('the default budgets are valid and cannot be changed by whoever uses them', () => {
    expect(RetrievalBudgets.parse(DEFAULT_RETRIEVAL_BUDGETS)).toEqual(DEFAULT_RETRIEVAL_BUDGETS)
    expect(() => Object.assign(DEFAULT_RETRIEVAL_BUDGETS, { max_read_tokens: 9 })).toThrow(TypeError)
  })
})
