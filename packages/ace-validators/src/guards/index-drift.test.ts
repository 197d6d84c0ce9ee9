import type { CallInput } from '@ctxlock/contracts/guards'
import type { RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { describe, expect, it } from 'vitest'

import { callInput, type CallOptions, traceInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { Workspace } from '../../test/support/workspace.ts'
import { indexDriftGuard as guard } from './index-drift.ts'

const files = { 'src/a.ts': 'one', 'src/b.ts': 'two' }

/** A call of which `src/a.ts` changed after it was indexed. */
function drifted(options: CallOptions = {}): CallInput {
  const workspace = new Workspace()
  const input = callInput({ files, workspace, ...options })
  workspace.files.set('src/a.ts', 'one!')
  return input
}
const idOf = (input: CallInput, index: number): string => input.trace?.candidates[index]?.candidate_id ?? ''

const first =
  (change: Partial<RetrievalTrace['candidates'][number]>) =>
  (trace: RetrievalTrace): RetrievalTrace => ({
    ...trace,
    candidates: trace.candidates.map((candidate, index) =>
      index === 0 ? Object.assign({ ...candidate }, change) : candidate,
    ),
  })
const unsourced = (trace: RetrievalTrace): RetrievalTrace => {
  const bare = ({ hash: _hash, ...ref }: RetrievalTrace['selected'][number]['ref']) => ref
  const graph = first({ store: 'knowledge_graph' })(trace)
  return {
    ...graph,
    selected: graph.selected.map((one, index) => (index === 0 ? { ...one, ref: bare(one.ref) } : one)),
  }
}

describe('T-ACE-RAG-006: drift', () => {
  it('passes sources that are as they were indexed', () => {
    expect(ask(guard, callInput({ files }))).toMatchObject({ verdict: 'pass', warnings: [] })
  })

  it('takes a changed source out, warns and says what to do', () => {
    const input = drifted()
    const id = idOf(input, 0)
    expect(ask(guard, input)).toMatchObject({
      verdict: 'degrade',
      errors: [],
      removals: [{ kind: 'candidate', id, reason: 'source_hash_differs' }],
      warnings: [`index_drift:embedding:${id}`, `recovery_hint:reindex:${id}`],
    })
  })

  it.each<[string, CallOptions]>([
    ['the policy says so', { policy: { on_drift: 'fail' } }],
    ['the job is strict, whatever the policy says', { mode: 'strict', policy: { on_drift: 'degrade' } }],
  ])('fails when %s', (_, options) => {
    const input = drifted(options)
    expect(ask(guard, input)).toMatchObject({ verdict: 'fail', removals: [] })
    expect(problems(ask(guard, input))).toEqual(['IndexDrift source_hash_differs'])
  })

  it('is looked for after retrieval as well', () => {
    const workspace = new Workspace()
    const input = traceInput({ files, workspace })
    workspace.files.delete('src/b.ts')
    expect(guard.validateTrace?.(input)).toMatchObject({
      verdict: 'degrade',
      removals: [{ id: input.trace.candidates[1]?.candidate_id }],
    })
  })

  it('only warns about candidates that were not selected', () => {
    const input = drifted({
      trace: (trace) => ({ ...trace, selected: trace.selected.slice(1), spans: trace.spans.slice(1) }),
    })
    expect(ask(guard, input)).toMatchObject({
      verdict: 'pass',
      removals: [],
      warnings: [`index_drift:embedding:${idOf(input, 0)}`, expect.any(String)],
    })
  })

  it('takes a graph candidate without provenance for drift of the graph', () => {
    const input = callInput({ files, trace: unsourced })
    const id = idOf(input, 0)
    expect(ask(guard, input)).toMatchObject({
      verdict: 'degrade',
      removals: [{ id, reason: 'provenance_missing' }],
      warnings: [`index_drift:kg:${id}`, `recovery_hint:backfill:${id}`],
    })
    expect(problems(ask(guard, callInput({ files, trace: unsourced, policy: { on_drift: 'fail' } })))).toEqual([
      'ProvenanceMissing provenance_missing',
    ])
  })

  it('names drift of the web cache as such', () => {
    const input = drifted({ trace: first({ store: 'local_web_cache' }) })
    expect(ask(guard, input).warnings[0]).toBe(`index_drift:web_cache:${idOf(input, 0)}`)
  })

  it('refuses a selection that no store proposed', () => {
    const input = callInput({ files, trace: (trace) => ({ ...trace, candidates: trace.candidates.slice(1) }) })
    expect(problems(ask(guard, input))).toEqual(['ProvenanceMissing not_a_candidate'])
  })

  it('does not believe a trace that claims no drift', () => {
    const input = drifted({ trace: (trace) => ({ ...trace, drift: [], warnings: ['no_drift'] }) })
    expect(ask(guard, input).verdict).toBe('degrade')
  })
})
