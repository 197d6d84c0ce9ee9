import { pathOfSourceId } from '@ctxlock/contracts/references'
import type { EvidenceSpan, QueryPlan, RetrievalTrace, SelectedCandidate } from '@ctxlock/contracts/retrieval'
import { canonicalHash, textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { tokenise } from '../lexical/tokens.ts'
import { normaliseQuery } from '../query/normalise-query.ts'
import type { SourceCandidate } from './candidate.ts'
import type { Decision } from './decision.ts'
import type { SelectionPorts } from './retrieval-input.ts'
import { selectionOrder, type Turn } from './selection-order.ts'
import { sourceTexts, type SourceText } from './source-texts.ts'
import { extractSpan, type SpanText } from './span-text.ts'

export interface Snippet {
  readonly candidate_id: string
  readonly span: EvidenceSpan
  /** Verbatim source text, exactly what `span.ref` selects. */
  readonly text: string
}

export interface Selection {
  readonly selected: readonly SelectedCandidate[]
  readonly snippets: readonly Snippet[]
  readonly decisions: readonly Decision[]
  readonly drift: RetrievalTrace['drift']
  readonly warnings: readonly string[]
}

export interface SelectionInput extends SelectionPorts {
  readonly plan: QueryPlan
  /** Reranked, best first. */
  readonly candidates: readonly SourceCandidate[]
  readonly terms: ReadonlySet<string>
  /** Candidates that must not be used, with the reason: a guard's removals (VAL-007). */
  readonly removed: ReadonlyMap<string, string>
  /** In a replay: candidates whose source had changed when the call was recorded, with the kind of drift. */
  readonly dropped?: ReadonlyMap<string, string>
  /** Source ids opened by this call so far; reading adds to it. */
  readonly opened: Set<string>
  /** Tool calls spent on searching. */
  readonly searches: number
  /** A replay takes its sources as recorded or not at all (ACE-016). */
  readonly replay: boolean
}

/** A span this short, cut off because the tokens run out, says nothing. */
const MIN_CUT_TOKENS = 16

/**
 * Reads and takes candidates in order until a budget is reached (ACE-044..ACE-053): files the task names first, at most so
 * many of one source, nothing twice. Every source is read again and must hash to what the candidate says; one that changed
 * is dropped and recorded, in strict mode it fails the call with `IndexDrift`, in a replay with `ReplaySourceChanged`.
 */
export function selectEvidence(input: SelectionInput): Selection {
  const state = new SelectionState(input)
  for (const turn of selectionOrder(input.candidates, input.scope.paths)) state.consider(turn)
  return state.result()
}

class SelectionState {
  readonly #input: SelectionInput
  readonly #texts
  readonly #snippets: Snippet[] = []
  readonly #selected: SelectedCandidate[] = []
  readonly #decisions: Decision[] = []
  readonly #drift: RetrievalTrace['drift'] = []
  readonly #warnings: string[] = []
  readonly #byText = new Map<string, string>()
  #tokensLeft: number

  constructor(input: SelectionInput) {
    this.#input = input
    this.#texts = sourceTexts(input.reader, input.routes, input.opened)
    this.#tokensLeft = input.plan.budgets.max_total_evidence_tokens
  }

  consider({ candidate, sharers }: Turn): void {
    const refusal = this.#refusalBeforeReading(candidate)
    if (refusal !== undefined) return this.#leaveOut(candidate, refusal)
    const dropped = this.#input.dropped?.get(candidate.candidate_id)
    if (dropped !== undefined) {
      this.#input.opened.add(candidate.ref.id)
      return this.#leaveOut(candidate, dropped)
    }
    const source = this.#texts.read(candidate.ref, candidate.store)
    const problem = this.#problemOf(source, candidate)
    if (problem !== undefined || source.status !== 'text') return this.#leaveOut(candidate, problem ?? source.status)
    const found = this.#spanOf(candidate, source, sharers)
    if (typeof found === 'string') return this.#leaveOut(candidate, found)
    const normalised = normaliseQuery(found.text, this.#input.folding)
    const repeated = this.#repetition(candidate, found, normalised)
    if (repeated !== undefined) return this.#leaveOut(candidate, repeated)
    this.#byText.set(normalised, candidate.candidate_id)
    this.#take(candidate, found)
  }

  result(): Selection {
    return {
      selected: this.#selected,
      snippets: this.#snippets,
      decisions: this.#decisions,
      drift: this.#drift,
      warnings: this.#warnings,
    }
  }

  #refusalBeforeReading(candidate: SourceCandidate): string | undefined {
    const { budgets } = this.#input.plan
    const removal = this.#input.removed.get(candidate.candidate_id)
    if (removal !== undefined) {
      this.#drift.push({ kind: removal, candidate_id: candidate.candidate_id, action: 'removed' })
      return `removed:${removal}`
    }
    if (this.#snippets.length >= budgets.max_snippets_total) return 'max_snippets_total'
    const ofSource = this.#snippets.filter(({ span }) => span.ref.id === candidate.ref.id).length
    if (ofSource >= budgets.max_snippets_per_source) return 'max_snippets_per_source'
    if (this.#tokensLeft === 0) return 'max_total_evidence_tokens'
    const calls = this.#input.searches + this.#input.opened.size
    return calls >= budgets.max_tool_calls && !this.#texts.isOpen(candidate.ref) ? 'max_tool_calls' : undefined
  }

  /** Why a source cannot be quoted. Content decides: the candidate speaks of other bytes than those that are there now. */
  #problemOf(source: SourceText, candidate: SourceCandidate): string | undefined {
    const hash = 'hash' in source ? source.hash : undefined
    if (hash === candidate.ref.hash) return source.status === 'not_text' ? 'not_text' : undefined
    const kind =
      hash !== undefined ? 'source_changed' : source.status === 'missing' ? 'source_missing' : 'source_unreadable'
    const { candidate_id, store, ref } = candidate
    const details = { candidate_id, source_id: ref.id, store }
    if (this.#input.replay) {
      throw new CompileError(
        'ReplaySourceChanged',
        `A replay needs its sources as recorded, but one is ${kind}; restore it.`,
        details,
      )
    }
    if (this.#input.plan.determinism_mode === 'strict') {
      throw new CompileError(
        'IndexDrift',
        `A strict call needs sources as indexed, but one is ${kind}; sync and call again.`,
        details,
      )
    }
    this.#drift.push({ kind, candidate_id, action: 'dropped' })
    this.#warnings.push(`index_drift:${DRIFT_NAMES[store]}:${candidate_id}`, `recovery_hint:reindex:${ref.id}`)
    return kind
  }

  #spanOf(candidate: SourceCandidate, source: SourceText & { status: 'text' }, sharers: number): SpanText | string {
    const { budgets } = this.#input.plan
    const shares = Math.min(sharers, budgets.max_snippets_total - this.#snippets.length)
    const limit = Math.min(budgets.max_read_tokens, Math.floor(this.#tokensLeft / shares))
    const span = extractSpan({
      text: source.text,
      lines: source.lines,
      selector: candidate.ref.selector ?? '',
      terms: this.#input.terms,
      limit,
      counter: this.#input.counter,
    })
    if (!span) return 'no_such_range'
    if (span.text.trim() === '') return 'blank'
    const scrap = span.truncated && span.tokens < MIN_CUT_TOKENS && limit < budgets.max_read_tokens
    return scrap ? 'max_total_evidence_tokens' : span
  }

  #repetition(candidate: SourceCandidate, span: SpanText, normalised: string): string | undefined {
    const same = this.#byText.get(normalised)
    if (same !== undefined) return `same_text_as:${same}`
    const overlapping = this.#snippets.find(
      ({ span: taken }) => taken.ref.id === candidate.ref.id && span.start <= taken.end && taken.start <= span.end,
    )
    return overlapping && `overlaps:${overlapping.span.span_id}`
  }

  #take(candidate: SourceCandidate, { text, selector, start, end, tokens, truncated }: SpanText): void {
    const ref = { ...candidate.ref, selector }
    const content_hash = textHash(text)
    const { candidate_id, fetch_depth } = candidate
    const span_id = `s-${canonicalHash([candidate_id, selector, content_hash]).slice(0, 12)}`
    const span = {
      span_id,
      candidate_id,
      ref,
      selector,
      start,
      end,
      token_estimate: tokens,
      content_hash,
      truncated,
      fetch_depth,
    }
    const why = this.#why(candidate, text)
    this.#tokensLeft -= tokens
    this.#snippets.push({ candidate_id, span, text })
    this.#selected.push({
      candidate_id,
      ref,
      final_rank: this.#selected.length + 1,
      final_score: candidate.base_score,
      why,
    })
    this.#decide(candidate, true, why)
  }

  #why(candidate: SourceCandidate, text: string): string {
    const { terms, scope } = this.#input
    const held = new Set(tokenise(text).filter((token) => terms.has(token))).size
    const path = pathOfSourceId(candidate.ref.id)
    const named = path !== undefined && scope.paths.includes(path) ? 'named by the task; ' : ''
    const pack = candidate.scores.pack === 1 ? 'anchor of a fresh pack; ' : ''
    return `${named}${pack}holds ${held} of ${terms.size} query terms`
  }

  #leaveOut(candidate: SourceCandidate, reason: string): void {
    this.#decide(candidate, false, reason)
  }

  #decide({ candidate_id, ref }: SourceCandidate, included: boolean, reason: string): void {
    this.#decisions.push({ candidate_id, source_id: ref.id, selector: ref.selector ?? '', included, reason })
  }
}

/** How warnings name the store a drifted candidate came from (VAL-056). */
const DRIFT_NAMES: Readonly<Record<SourceCandidate['store'], string>> = {
  context_packs: 'pack',
  knowledge_graph: 'kg',
  shadow_ws_lexical: 'lexical',
  shadow_ws_vector: 'embedding',
  local_web_cache: 'web_cache',
}
