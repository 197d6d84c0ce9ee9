import type { AceError, CallInput, Guard, PlanInput, TraceInput } from '@ctxlock/contracts/guards'
import { parseSelector } from '@ctxlock/contracts/references'
import { type EvidenceSpan, idsHash, RetrievalBudgets, type RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { canonicalHash, textHash } from '@ctxlock/core-hash'

import { errorsOf, outcome, shortened } from './outcome.ts'
import { snippetTexts, type SnippetText } from './snippet-texts.ts'

const NAME = 'RetrievalBudgetGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.9. Token counts are made here from the text; estimates of others count for nothing (VAL-053). */
export const retrievalBudgetGuard: Guard = {
  name: NAME,
  validatePlan: (input) => outcome(planErrors(input)),
  validateTrace: (input) => outcome([...traceErrors(input), ...textErrors(input)]),
  validateCall: (input) => outcome(callErrors(input)),
}

const BUDGETS = RetrievalBudgets.keyof().options

/** VAL-052: every budget a positive integer within the profile's; the routes share the candidates. */
function planErrors({ plan, policy }: PlanInput): AceError[] {
  const invalid = BUDGETS.filter((field) => {
    const value = plan.budgets[field]
    return !Number.isSafeInteger(value) || value < 1 || value > policy.budgets[field]
  })
  const candidates = plan.route.reduce((sum, step) => sum + step.max_candidates, 0)
  return [
    ...invalid.map((field) => error('BudgetExceeded', { reason: 'budget_out_of_range', field })),
    ...over('route.max_candidates', candidates, plan.budgets.max_candidates_total),
  ]
}

function traceErrors({ plan, trace }: TraceInput): AceError[] {
  const { budgets } = plan
  const errors: AceError[] = []
  if (canonicalHash(trace.budgets_applied) !== canonicalHash(budgets)) {
    errors.push(error('BudgetExceeded', { reason: 'budgets_applied_differ' }))
  }
  const perSource = Map.groupBy(trace.spans, ({ ref }) => ref.id)
  const toolCalls = trace.route_taken.reduce((sum, step) => sum + step.tool_calls, 0)
  errors.push(
    ...over('candidates', trace.candidates.length, budgets.max_candidates_total),
    ...over('selected', trace.selected.length, budgets.max_snippets_total),
    ...over('spans', trace.spans.length, budgets.max_snippets_total),
    ...over(
      'spans_per_source',
      Math.max(0, ...Array.from(perSource.values(), (spans) => spans.length)),
      budgets.max_snippets_per_source,
    ),
    ...over('tool_calls', toolCalls, budgets.max_tool_calls),
    ...rerankErrors(trace, budgets.max_rerank_candidates),
    ...trace.spans.flatMap((span) => flagErrors(span, trace)),
  )
  return errors
}

/** The reranker saw at most so many of the candidates: its inputs hash is that of one of the short beginnings (ACE-043). */
function rerankErrors({ rerank, candidates }: RetrievalTrace, limit: number): AceError[] {
  if (!rerank.used) return []
  const ids = candidates.map(({ candidate_id }) => candidate_id)
  const lengths = Array.from({ length: Math.min(limit, ids.length) + 1 }, (_, length) => length)
  if (lengths.some((length) => idsHash(ids.slice(0, length)) === rerank.inputs_hash)) return []
  return [error('BudgetExceeded', { reason: 'rerank_inputs', limit })]
}

/** A span narrower than its candidate was cut and must say so itself; one flag excuses no other span (VAL-052). */
function flagErrors(span: EvidenceSpan, { candidates, truncation_flags }: RetrievalTrace): AceError[] {
  const missing = (reason: string): AceError[] => [
    error('TruncationFlagMissing', { reason, span_id: shortened(span.span_id) }),
  ]
  const listed = truncation_flags.includes(`span_truncated:${span.span_id}`)
  if (span.truncated !== listed) return missing(listed ? 'span_not_marked' : 'flag_not_listed')
  const candidate = candidates.find(({ candidate_id }) => candidate_id === span.candidate_id)
  const whole = candidate?.kind === 'source_ref' ? candidate.ref.selector : undefined
  return !span.truncated && whole !== undefined && isNarrower(span.selector, whole) ? missing('cut_without_flag') : []
}

function isNarrower(selector: string, whole: string): boolean {
  const inner = parseSelector(selector)
  const outer = parseSelector(whole)
  if (inner === undefined || outer === undefined || !('start' in inner) || !('start' in outer)) return false
  // A line that had to be cut is named by code points, its candidate by lines.
  if (inner.kind !== outer.kind) return true
  return inner.start > outer.start || inner.end < outer.end
}

/** The text behind every span, counted (VAL-053). */
function textErrors({ plan, trace, snippets, ports }: TraceInput): AceError[] {
  const { texts } = snippetTexts(snippets)
  const bySpan = new Map(texts.map((text) => [text.snippet.span_id, text]))
  const found: SnippetText[] = []
  const errors: AceError[] = []
  for (const span of trace.spans) {
    const text = bySpan.get(span.span_id)
    const details = { span_id: shortened(span.span_id), candidate_id: span.candidate_id }
    if (text === undefined) errors.push(error('ContentUnresolvable', details))
    else if (text.hash !== span.content_hash) errors.push(error('SnapshotMutated', details))
    else found.push(text)
  }
  return [
    ...errors,
    ...tokenErrors(
      found.map(({ text }) => text),
      plan.budgets,
      ports,
    ),
  ]
}

/** What the envelope carries: the same limits, and nothing that retrieval did not account for. */
function callErrors(input: CallInput): AceError[] {
  const { plan, trace, policy, envelope, snapshot, ports } = input
  const budgets = plan?.budgets ?? policy.budgets
  const blocks = envelope.variable_suffix.blocks.filter(({ kind }) => kind === 'retrieved_snippet')
  const accounted = new Set(trace?.spans.map(({ content_hash }) => content_hash))
  const strangers = blocks.filter(({ content }) => !accounted.has(textHash(content)))
  return [
    ...(plan && trace ? traceErrors({ ...input, plan, trace }) : []),
    ...over('snippets', blocks.length, budgets.max_snippets_total),
    ...strangers.map(({ order_key }) =>
      error('BudgetExceeded', { reason: 'snippet_not_in_trace', block: shortened(order_key) }),
    ),
    ...tokenErrors(
      blocks.map(({ content }) => content),
      budgets,
      ports,
    ),
    ...(snapshot.token_counter_id === ports.tokenCounter.id
      ? []
      : [error('BudgetExceeded', { reason: 'counter_differs' })]),
  ]
}

function tokenErrors(
  texts: readonly string[],
  budgets: RetrievalBudgets,
  { tokenCounter }: PlanInput['ports'],
): AceError[] {
  const counts = texts.map((text) => tokenCounter.count(text))
  return [
    ...over('read_tokens', Math.max(0, ...counts), budgets.max_read_tokens),
    ...over(
      'evidence_tokens',
      counts.reduce((sum, count) => sum + count, 0),
      budgets.max_total_evidence_tokens,
    ),
  ]
}

/** `!(actual <= limit)` and not `actual > limit`: a limit that is no number permits nothing. */
function over(what: string, actual: number, limit: number): AceError[] {
  return actual <= limit ? [] : [error('BudgetExceeded', { reason: what, actual, limit })]
}
