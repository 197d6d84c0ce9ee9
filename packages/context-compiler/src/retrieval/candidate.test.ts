import { RetrievalCandidate } from '@ctxlock/contracts/retrieval'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { admitHit, compareCandidates, mergeCandidates, type SourceCandidate } from './candidate.ts'
import type { RouteHit, SearchStore } from './route.ts'

const filters = { allow_external_fetch: false, trust_min: 'low' as const }
const hash = 'a'.repeat(64)

function hit(id: string, scores: RouteHit['scores'], more: Partial<RouteHit> = {}): RouteHit {
  return { ref: { kind: 'span', id, hash, selector: 'lines:1-2' }, scores, ...more }
}

function admit(
  one: RouteHit,
  store: SearchStore = 'shadow_ws_lexical',
  more: Partial<Parameters<typeof admitHit>[1]> = {},
) {
  return admitHit(one, { store, filters, facts: () => undefined, ...more })
}

function candidate(one: RouteHit, store?: SearchStore): SourceCandidate {
  const admission = admit(one, store)
  if (!('candidate' in admission)) throw new Error(`refused: ${admission.rejected}`)
  return admission.candidate
}

describe('scoring (T-ACE-MIN-09)', () => {
  test('base_score is pack plus the best search score; missing parts count nothing', () => {
    expect(candidate(hit('file:a', {})).base_score).toBe(0)
    expect(candidate(hit('file:a', { lexical: 0.25, vector: 0.5, graph: 0.125 })).base_score).toBe(0.5)
    expect(candidate(hit('file:a', { pack: 1, lexical: 0.25 }), 'context_packs').base_score).toBe(1.25)
  })

  test('only the pack store can claim a pack, and only a whole one', () => {
    expect(candidate(hit('file:a', { pack: 1, lexical: 0.2 }), 'shadow_ws_vector').scores.pack).toBe(0)
    expect(candidate(hit('file:a', { pack: 0.9 }), 'context_packs').scores.pack).toBe(0)
  })

  test('scores are rounded to six decimals before anything is compared', () => {
    const [left, right] = [
      candidate(hit('file:b', { lexical: 0.1234564 })),
      candidate(hit('file:a', { lexical: 0.1234561 })),
    ]
    expect(left.base_score).toBe(0.123456)
    expect(compareCandidates(left, right)).toBeGreaterThan(0)
  })

  test.each([Number.NaN, Infinity, -Infinity, -0.1, 1.5])('a score of %s drops the hit with a warning', (score) => {
    const admission = admit(hit('file:a', { lexical: score }))
    expect(admission).toMatchObject({
      rejected: 'score_invalid',
      warning: expect.stringMatching(/^score_invalid:[0-9a-f]{32}$/),
    })
  })

  test('the order is total: any shuffle sorts to the same list', () => {
    const score = fc.constantFrom(0, 0.1, 0.2, 0.2000001)
    const one = fc.record({
      id: fc.constantFrom('file:a', 'file:b', 'file:Z', 'file:\u{1F600}', 'file:\uff5e'),
      lexical: score,
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.func(fc.integer()), (list, key) => {
        const candidates = list.map(({ id, lexical }) => candidate(hit(id, { lexical })))
        const shuffled = candidates.toSorted((left, right) => key(left) - key(right))
        expect(shuffled.toSorted(compareCandidates)).toEqual(candidates.toSorted(compareCandidates))
      }),
      { seed: 20261120 },
    )
  })

  test('ties go by UTF-16 code unit of the canonical id', () => {
    const ids = ['file:\uff5e', 'file:\u{1F600}', 'file:b', 'file:Z'].map((id) => candidate(hit(id, { lexical: 0.5 })))
    expect(ids.toSorted(compareCandidates).map(({ ref }) => ref.id)).toEqual([
      'file:Z',
      'file:b',
      'file:\u{1F600}',
      'file:\uff5e',
    ])
  })

  test('one source found twice keeps the better score of each kind and the lower trust', () => {
    const [one, two] = [
      candidate(hit('file:a', { lexical: 0.2 }, { trustClass: 'high' })),
      candidate(hit('file:a', { lexical: 0.4 }, { trustClass: 'medium' })),
    ]
    expect(mergeCandidates(one, two)).toMatchObject({ base_score: 0.4, trust_class: 'medium' })
    expect(mergeCandidates(two, one)).toEqual(mergeCandidates(one, two))
  })
})

describe('admission', () => {
  test('a candidate fits its schema', () => {
    const one = candidate(hit('file:a', { lexical: 0.2 }))
    expect(RetrievalCandidate.parse(one)).toEqual(one)
  })

  test.each([
    ['no hash', { kind: 'span', id: 'file:a', selector: 'lines:1-2' }, 'provenance_missing'],
    ['no selector', { kind: 'span', id: 'file:a', hash }, 'provenance_missing'],
    ['an unbounded selector', { kind: 'span', id: 'file:a', hash, selector: '*' }, 'reference_invalid'],
    ['a reversed selector', { kind: 'span', id: 'file:a', hash, selector: 'lines:9-2' }, 'provenance_missing'],
    ['a shortened hash', { kind: 'span', id: 'file:a', hash: 'abc', selector: 'lines:1-2' }, 'reference_invalid'],
  ] as const)('a hit with %s never becomes evidence (ACE-062)', (_, ref, rejected) => {
    expect(admit({ ref, scores: { lexical: 1 } })).toMatchObject({ rejected })
  })

  test('trust: missing metadata means low, facts of the workspace fill in, trust_min drops', () => {
    const demanding = { ...filters, trust_min: 'medium' as const }
    expect(admit(hit('file:a', { lexical: 1 }), 'shadow_ws_lexical', { filters: demanding })).toMatchObject({
      rejected: 'trust_min',
    })
    const facts = () => ({ trustClass: 'medium' as const, classification: 'low' as const })
    expect(admit(hit('file:a', { lexical: 1 }), 'shadow_ws_lexical', { filters: demanding, facts })).toMatchObject({
      candidate: { trust_class: 'medium', ref: { classification: 'low' } },
    })
  })

  test.each([
    [{ content_tier_allowlist: ['public'] }, 'content_tier_allowlist'],
    [{ consent_profile_allowlist: ['team'] }, 'consent_profile_allowlist'],
    [{ entity_types_allowlist: ['sheet'] }, 'entity_types_allowlist'],
    [{ time_range: { start: '2026-01-01T00:00:00.000Z' } }, 'time_range'],
  ])('what filter %j asks for and the hit does not say is not passed', (filter, rejected) => {
    expect(
      admit(hit('file:a', { lexical: 1 }), 'shadow_ws_lexical', { filters: { ...filters, ...filter } }),
    ).toMatchObject({ rejected })
  })

  test('filters pass what says the right thing', () => {
    const all = {
      ...filters,
      content_tier_allowlist: ['public'],
      entity_types_allowlist: ['file'],
      time_range: { start: '2026-01-01T00:00:00.000Z', end: '2026-12-31T00:00:00.000Z' },
    }
    const one = hit('file:a', { lexical: 1 }, { contentTier: 'public' })
    const dated = { ...one, ref: { ...one.ref, created_at: '2026-06-01T00:00:00.000Z' } }
    expect(admit(dated, 'shadow_ws_lexical', { filters: all })).toHaveProperty('candidate')
  })
})
