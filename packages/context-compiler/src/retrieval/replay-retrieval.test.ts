import type { CandidateList } from '@ctxlock/contracts/retrieval'
import { idsHash } from '@ctxlock/contracts/retrieval'
import { describe, expect, test } from 'vitest'

import { callOver } from '../../test/support/call.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { replayRetrieval, type ReplayInput } from './replay-retrieval.ts'
import type { Reranker } from './rerank.ts'
import { retrieve, type Retrieval } from './retrieve.ts'

const files = {
  'a.md': 'The checksum of a box.\n',
  'b.md': 'A checksum, once more checksum.\n',
  'c.md': 'No checksum without a box.\n',
  'd.md': 'Depots.\n',
}

let calls = 0
/** Another order at every call. */
const unsteady: Reranker = {
  method: 'unsteady',
  deterministic: false,
  rerank(_, candidates) {
    calls += 1
    const ids = candidates.map(({ candidate_id }) => candidate_id)
    return calls % 2 === 0 ? ids : ids.toReversed()
  },
}

async function recordedCall(paths: readonly string[] = []) {
  const call = callOver(files)
  const input = call.input({ query: 'checksum box', paths, plan: { budgets: { max_snippets_total: 2 } } })
  const retrieval = await retrieve({ ...input, reranker: unsteady })
  return { ...call, input, retrieval }
}

function replayInput(input: Awaited<ReturnType<typeof recordedCall>>['input'], retrieval: Retrieval): ReplayInput {
  const ids = retrieval.candidates.map(({ candidate_id }) => candidate_id)
  if (!input.plan) throw new Error('a plan was made')
  return {
    ...input,
    plan: input.plan,
    trace: retrieval.trace,
    // As it comes back from the store.
    candidateList: JSON.parse(JSON.stringify(retrieval.candidateList)),
    recorded: { ids_hash: idsHash(ids), count: ids.length },
  }
}

describe('replay (T-ACE-RAG-003)', () => {
  test.each([[[]], [['d.md', 'a.md']]])(
    'reuses list and order, asks no reranker, selects the same (named: %j)',
    async (paths) => {
      const { input, retrieval } = await recordedCall(paths)
      const before = calls
      const replay = replayRetrieval(replayInput(input, retrieval))
      expect(calls).toBe(before)
      expect(replay.snippets).toEqual(retrieval.snippets)
      expect(replay.decisions).toEqual(retrieval.decisions)
      expect(replay.trace).toBe(retrieval.trace)
    },
  )

  test('repeats what a guard had removed and what had drifted', async () => {
    const { input, retrieval, root } = await recordedCall()
    const removed = retrieval.without([{ id: retrieval.snippets[0]?.candidate_id ?? '', reason: 'quarantined' }], [])
    expect(replayRetrieval(replayInput(input, removed)).snippets).toEqual(removed.snippets)
    writeFile(root, 'c.md', 'changed\n')
    const drifted = await retrieve({ ...input, reranker: unsteady })
    expect(drifted.trace.drift).not.toEqual([])
    expect(replayRetrieval(replayInput(input, drifted)).snippets).toEqual(drifted.snippets)
  })

  test('repeats where the tool calls ran out, drift included', async () => {
    const call = callOver({ ...files, 'e.md': 'checksum box e\n' })
    writeFile(call.root, 'a.md', 'changed\n')
    for (const max_tool_calls of [1, 2, 3, 4, 5]) {
      const input = call.input({ query: 'checksum box', plan: { budgets: { max_tool_calls } } })
      const retrieval = await retrieve(input)
      const replay = replayRetrieval(replayInput(input, retrieval))
      expect(replay.decisions).toEqual(retrieval.decisions)
    }
  })

  test('a changed or missing source is an error, never another search (ACE-016)', async () => {
    const { input, retrieval, root } = await recordedCall()
    const [first] = retrieval.snippets
    writeFile(root, first?.span.ref.id.slice(5) ?? '', 'another checksum box\n')
    expect(() => replayRetrieval(replayInput(input, retrieval))).toThrow(
      expect.objectContaining({ code: 'ReplaySourceChanged' }),
    )
  })

  test('another budget or counter selects something else: refused', async () => {
    const { input, retrieval } = await recordedCall()
    const counter = { id: 'per_character', count: (text: string) => text.length }
    expect(() => replayRetrieval({ ...replayInput(input, retrieval), counter })).toThrow(
      expect.objectContaining({ code: 'ReplayMismatch' }),
    )
  })
})

describe('the candidate list (T-ACE-MIN-02)', () => {
  const swap = <T>(list: readonly T[]) => [list[1], list[0], ...list.slice(2)]
  type Change = (list: CandidateList) => object

  test.each<[string, Change]>([
    ['reordered', (list) => ({ ...list, candidates: swap(list.candidates) })],
    [
      'shortened',
      (list) => ({ ...list, candidates: list.candidates.slice(1), reranked_ids: list.reranked_ids.slice(1) }),
    ],
    ['lengthened by a repetition', (list) => ({ ...list, candidates: [...list.candidates, list.candidates[0]] })],
    [
      'repeating one instead of another',
      (list) => ({ ...list, candidates: [list.candidates[0], ...list.candidates.slice(0, -1)] }),
    ],
    ['reordered after reranking', (list) => ({ ...list, reranked_ids: swap(list.reranked_ids) })],
    [
      'repeating an id after reranking',
      (list) => ({ ...list, reranked_ids: [list.reranked_ids[0], ...list.reranked_ids.slice(0, -1)] }),
    ],
    ['of another plan', (list) => ({ ...list, query_plan_hash: 'f'.repeat(64) })],
    [
      'with another source behind an id',
      (list) => ({
        ...list,
        candidates: list.candidates.map((one) => ({ ...one, ref: { ...one.ref, id: 'file:d.md' } })),
      }),
    ],
    [
      'with a better score',
      (list) => ({
        ...list,
        candidates: list.candidates.map((one, index) => (index === 0 ? { ...one, base_score: 2 } : one)),
      }),
    ],
    ['with a foreign field', (list) => ({ ...list, note: 'x' })],
    ['empty', (list) => ({ ...list, candidates: [], reranked_ids: [] })],
    ['missing', () => ({})],
  ])('%s is refused', async (_, change) => {
    const { input, retrieval } = await recordedCall()
    const good = replayInput(input, retrieval)
    expect(replayRetrieval(good).snippets).toHaveLength(2)
    const bad = { ...good, candidateList: change(retrieval.candidateList) }
    expect(() => replayRetrieval(bad)).toThrow(expect.objectContaining({ code: 'CandidateListTampered' }))
  })

  test('a list and a trace that were altered together do not match the snapshot', async () => {
    const { input, retrieval } = await recordedCall()
    const [first, ...rest] = retrieval.candidates
    if (!first) throw new Error('there are candidates')
    const other = await recordedCall(['d.md'])
    const foreign = other.retrieval.candidates.slice(0, retrieval.candidates.length)
    const altered = [
      rest,
      [{ ...first, ref: { ...first.ref, id: 'file:d.md' } }, ...rest],
      [{ ...first, tiebreak: 'x' }, ...rest],
      foreign,
    ]
    for (const candidates of altered) {
      const reranked_ids = candidates.map(({ candidate_id }) => candidate_id)
      const outputs_hash = idsHash(reranked_ids)
      const trace = { ...retrieval.trace, candidates, rerank: { ...retrieval.trace.rerank, outputs_hash } }
      const bad = {
        ...replayInput(input, retrieval),
        trace,
        candidateList: { ...retrieval.candidateList, candidates, reranked_ids },
      }
      expect(() => replayRetrieval(bad)).toThrow(expect.objectContaining({ code: 'CandidateListTampered' }))
    }
  })

  test('a list that differs from the trace in anything is refused', async () => {
    const { input, retrieval } = await recordedCall()
    const candidates = retrieval.candidates.map((one) => ({ ...one, trust_class: 'high' }))
    const bad = { ...replayInput(input, retrieval), candidateList: { ...retrieval.candidateList, candidates } }
    expect(() => replayRetrieval(bad)).toThrow(/differs from the trace/)
  })
})
