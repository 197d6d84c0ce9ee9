import type { CacheStage } from '@ctxlock/contracts/guards'
import { fileSourceId } from '@ctxlock/contracts/references'
import {
  type CandidateHit,
  type CandidateList,
  type QueryPlan,
  queryPlanHash,
  type RetrievalTrace,
} from '@ctxlock/contracts/retrieval'
import { settle } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import type { RecordStamps } from '../record-stamps.ts'
import { inOrder, type SourceCandidate } from './candidate.ts'
import type { Decision } from './decision.ts'
import { freshnessWarnings } from './freshness-warnings.ts'
import { gather, type Gathered } from './gather.ts'
import { prepareQuery, type PreparedQuery } from './prepared-query.ts'
import { rerank, type Reranking } from './rerank.ts'
import type { RetrievalInput } from './retrieval-input.ts'
import { selectEvidence, type Selection, type Snippet } from './selection.ts'

export interface Retrieval {
  readonly trace: RetrievalTrace
  /** In order of ACE-037; what `trace.candidates` holds. */
  readonly candidates: readonly SourceCandidate[]
  /** Evidence in prompt order, text verbatim. */
  readonly snippets: readonly Snippet[]
  /** The artifact a replay needs (ACE-015). */
  readonly candidateList: CandidateList
  /** For `ContextPlan.selection` and `ctxlock why`: one entry for every candidate. */
  readonly decisions: readonly Decision[]
  readonly cacheStages: readonly CacheStage[]
  /** True when a required fresh pack was not to be had and the policy said to go on (FG-024), or a guard took something out. */
  readonly degraded: boolean
  /**
   * The same retrieval without candidates a guard wants out (VAL-007): no store is asked again, the next best take their
   * place, every removal stands in `trace.drift`. `warnings` and `hits` are the guard's own (VAL-056, VAL-064).
   */
  without(removals: readonly Removal[], warnings: readonly string[], hits?: readonly CandidateHit[]): Retrieval
}

/** The part of a `GuardRemoval` of kind `candidate` that matters here. */
export interface Removal {
  readonly id: string
  readonly reason: string
}

/**
 * Finds and reads the evidence for one call (spec 04 sections 4 to 8): candidates in route order, scored and ordered,
 * reranked if a reranker is given, then read within the budgets of the plan. The same state, scope, plan and answers of the
 * stores give the same result but for ids and times. Throws `CompileError`; see its codes.
 */
export async function retrieve(input: RetrievalInput): Promise<Retrieval> {
  const plan = requirePlan(input)
  const query = prepareQuery(plan, input.folding)
  const opened = new Set<string>()
  const gathered = await gather(plan, query, input, opened)
  const reranking = await rerank(plan, gathered.candidates, input.reranker)
  return conclude({ plan, query, gathered, reranking, opened, removed: new Map(), notes: [], hits: [] }, input)
}

/** What was decided before anything was selected. */
interface Course {
  readonly plan: QueryPlan
  readonly query: PreparedQuery
  readonly gathered: Gathered
  readonly reranking: Reranking
  /** Source ids opened while searching. */
  readonly opened: ReadonlySet<string>
  readonly removed: ReadonlyMap<string, string>
  readonly notes: readonly string[]
  readonly hits: readonly CandidateHit[]
}

function conclude(course: Course, input: RetrievalInput): Retrieval {
  const { plan, gathered, reranking, removed } = course
  const { terms } = course.query
  const { searches } = gathered
  const opened = new Set(course.opened)
  const candidates = inOrder(gathered.candidates, reranking.ids)
  const selection = selectEvidence({ ...input, plan, candidates, terms, removed, opened, searches, replay: false })
  const missing = sourcesWithoutEvidence(selection, gathered, input)
  failIfRequired(plan, missing)
  return {
    trace: settle(traceOf(course, selection, missing, opened.size, input.stamps)),
    candidates: gathered.candidates,
    snippets: selection.snippets,
    candidateList: settle<CandidateList>({
      schema_version: 'ctxlock.candidate_list@1',
      query_plan_hash: queryPlanHash(plan),
      candidates: [...gathered.candidates],
      reranked_ids: [...reranking.ids],
    }),
    decisions: [...selection.decisions, ...gathered.leftOut],
    cacheStages: gathered.cacheStages,
    degraded: removed.size > 0 || gathered.freshness.some(({ outcome }) => outcome === 'degrade_and_fallback'),
    without(removals, warnings, hits = []) {
      const more = removals.map(({ id, reason }): [string, string] => [id, reason])
      return conclude(
        {
          ...course,
          removed: new Map([...removed, ...more]),
          notes: [...course.notes, ...warnings],
          hits: [...course.hits, ...hits].slice(0, MOST_HITS),
        },
        input,
      )
    },
  }
}

/** As many as a trace holds. */
const MOST_HITS = 1024

function traceOf(
  course: Course,
  selection: Selection,
  missing: readonly string[],
  reads: number,
  stamps: RecordStamps,
): RetrievalTrace {
  const { plan, query, gathered, reranking, notes, hits } = course
  const spans = selection.snippets.map(({ span }) => span)
  const cut = spans.filter(({ truncated }) => truncated).map(({ span_id }) => `span_truncated:${span_id}`)
  const warnings = [
    ...freshnessWarnings(gathered.freshness),
    ...gathered.warnings,
    ...reranking.warnings,
    ...selection.warnings,
    ...(gathered.candidates.length === 0 ? ['no_candidates'] : []),
    ...notes,
  ]
  return {
    schema_version: 'hsk.retrieval_trace@1',
    trace_id: stamps.uuid(),
    query_plan_id: plan.plan_id,
    created_at: stamps.timestamp(),
    normalized_query_hash: query.hash,
    route_taken: [
      ...gathered.routeTaken,
      { store: 'bounded_read_only', reason: 'named files and selected candidates', tool_calls: reads },
    ],
    candidates: [...gathered.candidates],
    rerank: reranking.record,
    diversity: { used: false, method: 'none' },
    selected: [...selection.selected],
    spans,
    budgets_applied: plan.budgets,
    filters_applied: plan.filters,
    context_pack_freshness: [...gathered.freshness],
    drift: [...selection.drift],
    ...(hits.length > 0 && { hits: [...hits] }),
    truncation_flags: [...cut, ...missing.map((id) => `no_evidence:${id}`)],
    warnings: [...new Set(warnings)],
    errors: [...gathered.errors],
  }
}

/** Named files, and targets of packs that are not fresh, that nothing in the prompt stands for (FG-029). */
function sourcesWithoutEvidence(selection: Selection, gathered: Gathered, { scope }: RetrievalInput): string[] {
  const shown = new Set(selection.snippets.map(({ span }) => span.ref.id))
  const stale = gathered.freshness.filter(({ outcome }) => outcome === 'fallback' || outcome === 'degrade_and_fallback')
  const wanted = new Set([...scope.paths.map(fileSourceId), ...stale.flatMap(({ target }) => sourceIdOf(target))])
  return [...wanted].filter((id) => !shown.has(id))
}

/** The source id in a canonical reference id, if it is the reference of a source (ACE-004). */
function sourceIdOf(target: string): string[] {
  try {
    const parts: unknown = JSON.parse(target)
    const [kind, , id] = Array.isArray(parts) ? parts : []
    return kind === 'source_ref' && typeof id === 'string' ? [id] : []
  } catch {
    return []
  }
}

function failIfRequired(plan: QueryPlan, missing: readonly string[]): void {
  const [source_id] = missing
  const step = plan.route.find(
    ({ store, required }) => required && (store === 'context_packs' || store === 'bounded_read_only'),
  )
  if (source_id === undefined || !step) return
  const message = `The plan requires ${step.store}, but ${missing.length} source(s) brought no evidence; see no_evidence in the plan.`
  throw new CompileError('RequiredRouteFailed', message, { source_id, store: step.store })
}

function requirePlan({ plan }: RetrievalInput): QueryPlan {
  if (plan) return plan
  throw new CompileError(
    'QueryPlanRequired',
    'Retrieval needs a query plan before candidates are looked for; call planQuery.',
  )
}
