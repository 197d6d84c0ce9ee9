import type { CallInput } from '@ctxlock/contracts/guards'
import { CandidateList, idsHash } from '@ctxlock/contracts/retrieval'
import { bytesHash, canonicalize, parseCanonical } from '@ctxlock/core-hash'
import { describe, expect, it } from 'vitest'

import { callInput, planInput, traceInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { handleOf } from '../../test/support/workspace.ts'
import { contextDeterminismGuard as guard } from './context-determinism.ts'

const files = { 'src/a.ts': 'one', 'src/b.ts': 'two', 'src/c.ts': 'three' }

/** The call with another persisted list, and a snapshot that says exactly what the list says if `honest`. */
function withList(change: (list: CandidateList) => CandidateList, honest = false): CallInput {
  const input = callInput({ files })
  const list = change(CandidateList.parse(parseCanonical(input.candidate_list ?? new Uint8Array())))
  const bytes = Buffer.from(canonicalize(list))
  const ids = list.candidates.map(({ candidate_id }) => candidate_id)
  const candidate_list_ref = handleOf('candidates', bytesHash(bytes), bytes.byteLength)
  const retrieval_candidates = honest
    ? { ids_hash: idsHash(ids), count: ids.length }
    : input.snapshot.retrieval_candidates
  return { ...input, candidate_list: bytes, snapshot: { ...input.snapshot, candidate_list_ref, retrieval_candidates } }
}

describe('T-ACE-MIN-01: strict mode', () => {
  it('takes 0 for a seed', () => {
    const input = callInput({ mode: 'strict' })
    expect(input.snapshot.seed).toBe(0)
    expect(problems(ask(guard, input))).toEqual([])
  })

  it.each([
    ['no seed', undefined, 'seed_missing'],
    ['a seed given as string', '7', 'seed_not_an_integer'],
    ['null', null, 'seed_not_an_integer'],
    ['a fraction', 0.5, 'seed_not_an_integer'],
    ['an unsafe integer', 2 ** 60, 'seed_not_an_integer'],
  ])('refuses %s', (_, seed, reason) => {
    const input = callInput({ mode: 'strict' })
    const { seed: _seed, ...rest } = input.snapshot
    const snapshot = Object.assign<typeof rest, object>(rest, seed === undefined ? {} : { seed })
    expect(problems(ask(guard, { ...input, snapshot }))).toContain(`DeterminismViolation ${reason}`)
  })

  it('refuses a reranker that was not declared deterministic', () => {
    const rerank = { used: true, method: 'fancy', inputs_hash: 'b'.repeat(64), outputs_hash: 'c'.repeat(64) }
    const options = { mode: 'strict', trace: (trace) => ({ ...trace, rerank }) } satisfies Parameters<
      typeof callInput
    >[0]
    expect(problems(ask(guard, callInput(options)))).toEqual(['DeterminismViolation reranker_not_deterministic'])
    expect(problems(ask(guard, callInput({ ...options, policy: { deterministic_rerankers: ['fancy'] } })))).toEqual([])
    expect(problems(ask(guard, callInput({ ...options, mode: 'replay' })))).toEqual([])
  })
})

describe('T-ACE-MIN-02: replay', () => {
  it('accepts the list as it was recorded', () => {
    expect(
      problems(
        ask(
          guard,
          withList((list) => list),
        ),
      ),
    ).toEqual([])
  })

  it.each<[string, (list: CandidateList) => CandidateList, string]>([
    ['reordered', (list) => ({ ...list, candidates: list.candidates.toReversed() }), 'ids_hash_differs'],
    ['shortened', (list) => ({ ...list, candidates: list.candidates.slice(1) }), 'ids_hash_differs'],
    [
      'with a repetition',
      (list) => ({ ...list, candidates: [...list.candidates, ...list.candidates.slice(0, 1)] }),
      'candidate_list_repeats',
    ],
    ['of another plan', (list) => ({ ...list, query_plan_hash: 'd'.repeat(64) }), 'plan_differs'],
  ])('refuses a list %s', (_, change, reason) => {
    expect(problems(ask(guard, withList(change)))).toEqual([`DeterminismViolation ${reason}`])
  })

  it('refuses a list that agrees with its snapshot but not with the trace', () => {
    const input = withList((list) => ({ ...list, candidates: list.candidates.toReversed() }), true)
    expect(problems(ask(guard, input))).toContain('DeterminismViolation trace_differs')
  })

  it('refuses a plausible hash without a list, and bytes that were changed or are no list', () => {
    const input = callInput({ files })
    const { candidate_list_ref: _ref, ...snapshot } = input.snapshot
    const garbage = Buffer.from('{"candidates": []}')
    const ref = handleOf('candidates', bytesHash(garbage), garbage.byteLength)
    expect(problems(ask(guard, { ...input, candidate_list: null }))).toEqual([
      'DeterminismViolation candidate_list_missing',
    ])
    expect(problems(ask(guard, { ...input, snapshot }))).toEqual(['DeterminismViolation candidate_list_missing'])
    expect(problems(ask(guard, { ...input, candidate_list: garbage }))).toEqual([
      'DeterminismViolation candidate_list_altered',
    ])
    expect(
      problems(
        ask(guard, { ...input, candidate_list: garbage, snapshot: { ...input.snapshot, candidate_list_ref: ref } }),
      ),
    ).toEqual(['DeterminismViolation candidate_list_malformed'])
  })

  it('passes a call without retrieval and refuses one that claims candidates nevertheless', () => {
    const { query_plan: _plan, retrieval_trace: _trace, ...snapshot } = callInput().snapshot
    const none = { ids_hash: idsHash([]), count: 0 }
    const input: CallInput = {
      ...callInput(),
      plan: null,
      trace: null,
      snapshot: { ...snapshot, retrieval_candidates: none, selected_sources: none },
    }
    expect(problems(ask(guard, input))).toEqual([])
    expect(problems(ask(guard, { ...input, snapshot }))).toContain('DeterminismViolation candidates_without_retrieval')
  })
})

describe('one mode, and the hashes of the call', () => {
  it('refuses a mode that changed between job, plan and snapshot', () => {
    const input = callInput()
    expect(problems(ask(guard, { ...input, job: { ...input.job, determinism_mode: 'strict' } }))).toContain(
      'DeterminismViolation mode_differs',
    )
    expect(problems(ask(guard, { ...input, snapshot: { ...input.snapshot, determinism_mode: 'strict' } }))).toContain(
      'DeterminismViolation mode_differs',
    )
    const planned = planInput({ plan: { determinism_mode: 'strict' } })
    expect(guard.validatePlan?.(planned)).toMatchObject({ verdict: 'fail' })
    expect(guard.validateTrace?.({ ...traceInput(), plan: planned.plan })).toMatchObject({ verdict: 'fail' })
  })

  it('computes the hash of the query itself', () => {
    const input = callInput({ trace: (trace) => ({ ...trace, normalized_query_hash: 'e'.repeat(64) }) })
    expect(problems(ask(guard, input))).toEqual(['DeterminismViolation query_hash_differs'])
  })

  it.each(['stable_prefix_hash', 'variable_suffix_hash', 'full_prompt_hash'] as const)(
    'refuses a snapshot with another %s',
    (field) => {
      const input = callInput()
      const prompt_envelope_hashes = { ...input.snapshot.prompt_envelope_hashes, [field]: 'f'.repeat(64) }
      expect(problems(ask(guard, { ...input, snapshot: { ...input.snapshot, prompt_envelope_hashes } }))).toEqual([
        `SnapshotMutated ${field}`,
      ])
    },
  )

  it('refuses an envelope, a plan, a trace or a selection other than the recorded one', () => {
    const input = callInput()
    const other = callInput({ files: { 'src/a.ts': 'changed' } })
    expect(problems(ask(guard, { ...input, envelope: other.envelope }))).toContain('SnapshotMutated full_prompt_hash')
    expect(problems(ask(guard, { ...input, plan: callInput({ plan: { version: 2 } }).plan }))).toContain(
      'SnapshotMutated query_plan',
    )
    expect(problems(ask(guard, { ...input, trace: other.trace }))).toEqual(
      expect.arrayContaining(['SnapshotMutated retrieval_trace', 'SnapshotMutated selected_sources']),
    )
    expect(
      problems(ask(guard, { ...input, snapshot: { ...input.snapshot, delimiter_nonce: '0'.repeat(16) } })),
    ).toEqual(['SnapshotMutated delimiter_nonce'])
  })
})
