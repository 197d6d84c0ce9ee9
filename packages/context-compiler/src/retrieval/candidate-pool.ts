import { fileSourceId } from '@ctxlock/contracts/references'
import { candidateId, type QueryPlan } from '@ctxlock/contracts/retrieval'

import { admitHit, compareCandidates, mergeCandidates, type Refusal, type SourceCandidate } from './candidate.ts'
import type { Decision } from './decision.ts'
import type { RetrievalInput } from './retrieval-input.ts'
import type { RouteHit, SearchStore } from './route.ts'

/** The candidates found so far, one per id. */
export interface CandidatePool {
  add(hits: readonly RouteHit[], store: SearchStore): void
  /** ACE-032: what survives the per-source cap fills the snippets or the tokens. */
  hasEnough(): boolean
  /** In order of ACE-037, at most `max_candidates_total`; the named files' candidates are cut last. */
  ranked(): SourceCandidate[]
  /** Hits that could not become candidates, in the order of their arrival. */
  readonly leftOut: readonly Decision[]
  readonly warnings: ReadonlySet<string>
}

/** More refused hits than this are not worth explaining one by one. */
const MAX_LEFT_OUT = 200

export function candidatePool(plan: QueryPlan, { scope, describe }: RetrievalInput): CandidatePool {
  const { budgets, filters } = plan
  const scopeIds = new Set(scope.paths.map(fileSourceId))
  const entries = new Map<string, { readonly candidate: SourceCandidate; readonly tokens: number }>()
  const leftOut: Decision[] = []
  const warnings = new Set<string>()

  return {
    leftOut,
    warnings,
    add(hits, store) {
      const rules = { store, filters, facts: (id: string) => describe?.(id) }
      for (const hit of hits) {
        const admission = admitHit(hit, rules)
        if ('candidate' in admission) keep(admission.candidate, estimate(hit))
        else refuse(admission, store)
      }
    },
    hasEnough() {
      const perSource = new Map<string, number>()
      let snippets = 0
      let tokens = 0
      for (const entry of sorted()) {
        const count = (perSource.get(entry.candidate.ref.id) ?? 0) + 1
        perSource.set(entry.candidate.ref.id, count)
        if (count > budgets.max_snippets_per_source) continue
        snippets += 1
        tokens += entry.tokens
      }
      return snippets >= budgets.max_snippets_total || tokens >= budgets.max_total_evidence_tokens
    },
    ranked() {
      const all = sorted().map(({ candidate }) => candidate)
      const named = all.filter(({ ref }) => scopeIds.has(ref.id)).slice(0, budgets.max_candidates_total)
      const others = all
        .filter(({ ref }) => !scopeIds.has(ref.id))
        .slice(0, budgets.max_candidates_total - named.length)
      return [...named, ...others].toSorted(compareCandidates)
    },
  }

  function keep(candidate: SourceCandidate, tokens: number): void {
    const before = entries.get(candidate.candidate_id)?.candidate
    entries.set(candidate.candidate_id, { candidate: before ? mergeCandidates(before, candidate) : candidate, tokens })
  }

  function refuse({ rejected, ref, warning }: Refusal, store: SearchStore): void {
    if (warning) warnings.add(warning)
    if (!ref || leftOut.length >= MAX_LEFT_OUT) return
    const candidate_id = candidateId(store, { kind: 'source_ref', ref })
    leftOut.push({ candidate_id, source_id: ref.id, selector: ref.selector ?? '', included: false, reason: rejected })
  }

  function sorted() {
    return [...entries.values()].toSorted((left, right) => compareCandidates(left.candidate, right.candidate))
  }

  /** Before anything is read, a quarter of the length stands for the tokens. */
  function estimate({ codeUnits }: RouteHit): number {
    const tokens = codeUnits === undefined ? budgets.max_read_tokens : Math.ceil(codeUnits / 4)
    return Math.min(budgets.max_read_tokens, tokens)
  }
}
