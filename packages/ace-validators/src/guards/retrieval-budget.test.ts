import type { CallInput, GuardOutcome, TraceInput } from '@ctxlock/contracts/guards'
import {
  DEFAULT_RETRIEVAL_BUDGETS as DEFAULTS,
  type EvidenceSpan,
  idsHash,
  type RetrievalTrace,
} from '@ctxlock/contracts/retrieval'
import { describe, expect, it } from 'vitest'

import { callInput, planInput, type CallOptions, traceInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { retrievalBudgetGuard as guard } from './retrieval-budget.ts'

function answer(value: GuardOutcome | Promise<GuardOutcome> | undefined): string[] {
  if (value === undefined || value instanceof Promise) throw new Error('The guard answers at once.')
  return problems(value)
}
const onPlan = (options: CallOptions): string[] => answer(guard.validatePlan?.(planInput(options)))
const onTrace = (input: TraceInput): string[] => answer(guard.validateTrace?.(input))
const traced = (trace: (trace: RetrievalTrace) => RetrievalTrace, options: CallOptions = {}): TraceInput =>
  traceInput({ ...options, trace })

const snippets = (count: number, text: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`src/f${index}.ts`, `${index} ${text}`]))

describe('the plan', () => {
  it.each([
    ['zero', 0],
    ['negative', -1],
    ['a fraction', 1.5],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['above the profile', DEFAULTS.max_read_tokens + 1],
  ])('refuses a budget that is %s', (_, max_read_tokens) => {
    const input = planInput()
    const plan = { ...input.plan, budgets: { ...DEFAULTS, max_read_tokens } }
    expect(answer(guard.validatePlan?.({ ...input, plan }))).toEqual(['BudgetExceeded budget_out_of_range'])
  })

  it('refuses a budget given as string, and names the field', () => {
    const input = planInput()
    const budgets = Object.assign({ ...input.plan.budgets }, { max_tool_calls: '8' })
    const outcome = guard.validatePlan?.({ ...input, plan: { ...input.plan, budgets } })
    expect(outcome).toMatchObject({ errors: [{ details: { field: 'max_tool_calls' } }] })
  })

  it('holds the routes together to the total of candidates', () => {
    const step = { store: 'shadow_ws_lexical' as const, purpose: 'x', max_candidates: 31, required: false }
    expect(onPlan({ plan: { route: [step, step] } })).toEqual(['BudgetExceeded route.max_candidates'])
    expect(onPlan({ plan: { route: [step] } })).toEqual([])
  })
})

describe('the trace', () => {
  it('counts the tokens of the text, whatever the estimate says', () => {
    const long = traceInput({ files: { 'src/a.ts': 'x'.repeat(1001) } })
    expect(long.trace.spans[0]?.token_estimate).toBe(1)
    expect(onTrace(long)).toEqual(['BudgetExceeded read_tokens'])
    expect(onTrace(traceInput({ files: { 'src/a.ts': 'x'.repeat(1000) } }))).toEqual([])
    expect(onTrace(traceInput({ files: snippets(6, 'x'.repeat(900)) }))).toEqual(['BudgetExceeded evidence_tokens'])
  })

  it('limits snippets in all and of one source', () => {
    expect(onTrace(traceInput({ files: snippets(7, 'x') }))).toEqual([
      'BudgetExceeded selected',
      'BudgetExceeded spans',
    ])
    const one = traceInput({ files: snippets(3, 'x') })
    const spans = one.trace.spans.map((span) => ({ ...span, ref: { ...span.ref, id: 'file:src/f0.ts' } }))
    expect(onTrace({ ...one, trace: { ...one.trace, spans } })).toEqual(['BudgetExceeded spans_per_source'])
  })

  it('T-ACE-RAG-005: refuses inflated budgets, too many tool calls and too many candidates', () => {
    expect(onTrace(traced((trace) => ({ ...trace, budgets_applied: { ...DEFAULTS, max_snippets_total: 7 } })))).toEqual(
      ['BudgetExceeded budgets_applied_differ'],
    )
    expect(
      onTrace(
        traced((trace) => ({ ...trace, route_taken: trace.route_taken.map((step) => ({ ...step, tool_calls: 9 })) })),
      ),
    ).toEqual(['BudgetExceeded tool_calls'])
    expect(
      onTrace(traced((trace) => ({ ...trace, candidates: Array.from({ length: 61 }, () => trace.candidates).flat() }))),
    ).toEqual(['BudgetExceeded candidates'])
  })

  it('recognises by hash how many candidates a reranker was given', () => {
    const files = snippets(4, 'x')
    const reranked = (given: number, limit: number): TraceInput => {
      const budgets = { ...DEFAULTS, max_rerank_candidates: limit }
      const used = (trace: RetrievalTrace): RetrievalTrace => {
        const ids = trace.candidates.slice(0, given).map(({ candidate_id }) => candidate_id)
        return { ...trace, rerank: { used: true, method: 'm', inputs_hash: idsHash(ids), outputs_hash: idsHash(ids) } }
      }
      return traced(used, { files, plan: { budgets } })
    }
    expect(onTrace(reranked(3, 3))).toEqual([])
    expect(onTrace(reranked(4, 3))).toEqual(['BudgetExceeded rerank_inputs'])
  })

  const first =
    (change: Partial<EvidenceSpan>, flags: string[] = []) =>
    (trace: RetrievalTrace): RetrievalTrace => ({
      ...trace,
      spans: trace.spans.map((span, index) => (index === 0 ? { ...span, ...change } : span)),
      truncation_flags: flags,
    })

  it.each<[string, (trace: RetrievalTrace) => RetrievalTrace, string[]]>([
    ['a cut span without any flag', first({ selector: 'lines:1-1' }), ['TruncationFlagMissing cut_without_flag']],
    [
      'a cut span that only its own mark names',
      first({ selector: 'lines:1-1', truncated: true }),
      ['TruncationFlagMissing flag_not_listed'],
    ],
    [
      'a listed flag the span does not carry',
      first({}, ['span_truncated:s0']),
      ['TruncationFlagMissing span_not_marked'],
    ],
    [
      "another span's flag",
      first({ selector: 'lines:1-1', truncated: true }, ['span_truncated:s1']),
      ['TruncationFlagMissing flag_not_listed'],
    ],
    ['a cut line without flag', first({ selector: 'span:0-3' }), ['TruncationFlagMissing cut_without_flag']],
    ['a cut span with both', first({ selector: 'lines:1-1', truncated: true }, ['span_truncated:s0']), []],
  ])('judges %s', (_, trace, expected) => {
    expect(onTrace(traced(trace))).toEqual(expected)
  })

  it('refuses a span without readable text or with other text than recorded', () => {
    const input = traceInput()
    const [snippet] = input.snippets
    if (snippet === undefined) throw new Error('There is a snippet.')
    expect(onTrace({ ...input, snippets: [] })).toEqual(['ContentUnresolvable'])
    expect(onTrace({ ...input, snippets: [{ ...snippet, bytes: null }] })).toEqual(['ContentUnresolvable'])
    expect(onTrace({ ...input, snippets: [{ ...snippet, bytes: Buffer.from([0xff, 0xfe]) }] })).toEqual([
      'ContentUnresolvable',
    ])
    expect(onTrace({ ...input, snippets: [{ ...snippet, bytes: Buffer.from('other') }] })).toEqual(['SnapshotMutated'])
  })
})

describe('the call', () => {
  it('refuses a snippet that retrieval did not account for', () => {
    const input = callInput()
    const other = callInput({ files: { 'src/x.ts': 'smuggled' } })
    expect(problems(ask(guard, { ...input, envelope: other.envelope }))).toEqual([
      'BudgetExceeded snippet_not_in_trace',
    ])
  })

  it('counts again what the envelope carries, by the counter of the job', () => {
    const input: CallInput = callInput({ files: { 'src/a.ts': 'x'.repeat(1001) } })
    expect(problems(ask(guard, input))).toEqual(['BudgetExceeded read_tokens'])
    const other = { id: 'other@1', count: () => 1 }
    expect(problems(ask(guard, { ...input, ports: { ...input.ports, tokenCounter: other } }))).toEqual([
      'BudgetExceeded counter_differs',
    ])
  })
})
