import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { CacheStage } from '@ctxlock/contracts/guards'
import type { QueryPlan, RetrievalTrace, RouteStep } from '@ctxlock/contracts/retrieval'

import { CompileError } from '../compile-error.ts'
import { askStore, type StoreAnswer } from './ask-store.ts'
import { candidatePool } from './candidate-pool.ts'
import type { SourceCandidate } from './candidate.ts'
import type { Decision } from './decision.ts'
import type { PreparedQuery } from './prepared-query.ts'
import type { RetrievalInput } from './retrieval-input.ts'
import type { RouteHit } from './route.ts'
import { namedFiles, scopeHits } from './scope-hits.ts'
import { sourceTexts } from './source-texts.ts'
import { toolCalls } from './tool-calls.ts'

export interface Gathered {
  /** In order of ACE-037. */
  readonly candidates: readonly SourceCandidate[]
  readonly routeTaken: RetrievalTrace['route_taken']
  readonly freshness: readonly ContextPackFreshnessRecord[]
  readonly leftOut: readonly Decision[]
  readonly warnings: readonly string[]
  readonly errors: readonly string[]
  readonly cacheStages: readonly CacheStage[]
  /** Tool calls spent on asking stores. */
  readonly searches: number
}

/**
 * Reads the files the task names, then asks the stores in route order until there is enough evidence or no tool call left
 * (ACE-031, ACE-032). A step that cannot be taken is skipped and recorded; if the plan requires it the call fails with
 * `RouteUnavailable` or `RequiredRouteFailed`, and with `ContextPackStale` when a pack's record says so (FG-023).
 */
export async function gather(
  plan: QueryPlan,
  query: PreparedQuery,
  input: RetrievalInput,
  opened: Set<string>,
): Promise<Gathered> {
  const pool = candidatePool(plan, input)
  pool.add(namedFileHits(plan, query, input, opened), 'shadow_ws_lexical')
  const calls = toolCalls(plan.budgets.max_tool_calls, opened)
  const answers: StoreAnswer[] = []
  const routeTaken: RetrievalTrace['route_taken'] = []
  for (const step of plan.route) {
    // Reading is no search: it happened above for named files, and happens for every selected candidate.
    if (step.store === 'bounded_read_only') continue
    const skipped = skipReason(step, plan, input, answers.length > 0 && pool.hasEnough(), calls.left)
    const route = input.routes[step.store]
    if (skipped !== undefined || !route) {
      routeTaken.push({ store: step.store, reason: `skipped: ${skipped}`, tool_calls: 0 })
      continue
    }
    const answer = await askStore(step, route, plan, query, input, calls)
    answers.push(answer)
    routeTaken.push(answer.taken)
    refuseStale(answer.freshness)
    pool.add(answer.hits, step.store)
  }
  return {
    candidates: pool.ranked(),
    routeTaken,
    freshness: answers.flatMap(({ freshness }) => freshness),
    leftOut: pool.leftOut,
    warnings: [...pool.warnings],
    errors: answers.flatMap(({ errors }) => errors),
    cacheStages: answers.flatMap(({ cacheStage }) => (cacheStage ? [cacheStage] : [])),
    searches: calls.searches,
  }
}

/** Whether their packs are fresh makes no difference (FG-028). */
function namedFileHits(plan: QueryPlan, query: PreparedQuery, input: RetrievalInput, opened: Set<string>): RouteHit[] {
  const texts = sourceTexts(input.reader, input.routes, opened)
  return namedFiles(plan, input.scope.paths).flatMap((path) => {
    return scopeHits(path, texts, query.terms, plan.budgets.max_snippets_per_source)
  })
}

/** Why a step is not taken, or undefined; throws when the plan requires it nevertheless. */
function skipReason(
  step: RouteStep,
  plan: QueryPlan,
  { routes }: RetrievalInput,
  enough: boolean,
  callsLeft: number,
): string | undefined {
  const route = step.store === 'bounded_read_only' ? undefined : routes[step.store]
  const unavailable = !route
    ? 'no route installed'
    : plan.determinism_mode === 'strict' && !route.deterministic
      ? 'not deterministic, and the call is strict'
      : undefined
  if (unavailable !== undefined && step.required) {
    const message = `The plan requires ${step.store}: ${unavailable}; install a route for it or make the step optional.`
    throw new CompileError('RouteUnavailable', message, { store: step.store })
  }
  if (callsLeft <= 0 && step.required) {
    const message = `The plan requires ${step.store}, but max_tool_calls (${plan.budgets.max_tool_calls}) is used up; raise it.`
    throw new CompileError('RequiredRouteFailed', message, { store: step.store })
  }
  if (unavailable !== undefined) return unavailable
  if (callsLeft <= 0) return 'max_tool_calls'
  return enough && !step.required ? 'enough evidence' : undefined
}

function refuseStale(freshness: readonly ContextPackFreshnessRecord[]): void {
  const failed = freshness.filter(({ outcome }) => outcome === 'fail')
  if (failed.length === 0) return
  const ids = failed.map(({ pack_id, decision_row }) => `${pack_id} (${decision_row})`).join(', ')
  throw new CompileError('ContextPackStale', `A required fresh pack was not produced; rebuild ${ids}.`, { freshness })
}
