import type { DeterminismMode } from '@ctxlock/contracts/primitives'
import {
  DEFAULT_RETRIEVAL_BUDGETS,
  QueryPlan,
  type RetrievalBudgets,
  type RetrievalFilters,
  type RouteStep,
  Store,
} from '@ctxlock/contracts/retrieval'
import { settle } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import type { RecordStamps } from '../record-stamps.ts'

export interface QueryPlanInput {
  /** Cut to its first 32,768 UTF-16 code units, broken surrogates replaced; the question itself travels in its own block. */
  readonly queryText: string
  readonly queryKind?: QueryPlan['query_kind']
  /** The stores this call may ask, in any order. `bounded_read_only` is always among them (FG-028). */
  readonly stores: readonly Store[]
  /** Stores whose failure fails the call; a missing one is planned nevertheless, so that the failure shows. */
  readonly required?: readonly Store[]
  readonly budgets?: Partial<RetrievalBudgets>
  readonly filters?: Partial<RetrievalFilters>
  readonly determinismMode: DeterminismMode
  readonly policyId: string
}

const MAX_QUERY_UNITS = 32_768

/** The default order is the order of the enumeration (ACE-020). */
const ROUTE_ORDER: readonly Store[] = Store.options

const PURPOSES: Readonly<Record<Store, string>> = {
  context_packs: 'anchors of fresh packs',
  knowledge_graph: 'entities that narrow the search',
  shadow_ws_lexical: 'words and identifiers of workspace files',
  shadow_ws_vector: 'passages of similar meaning',
  local_web_cache: 'pages already cached, never new ones',
  bounded_read_only: 'bounded reads of the selected and of the explicitly named files',
}

/**
 * Plans one retrieval (ACE-018..ACE-021): the stores in default order, each with its share of the candidates, and budgets
 * with the defaults filled in. Throws `InvalidInput` when a budget or filter breaks its bounds.
 */
export function planQuery(input: QueryPlanInput, stamps: RecordStamps): QueryPlan {
  const budgets = { ...DEFAULT_RETRIEVAL_BUDGETS, ...input.budgets }
  const plan = QueryPlan.safeParse({
    schema_version: 'hsk.query_plan@1',
    plan_id: stamps.uuid(),
    created_at: stamps.timestamp(),
    query_text: plannedQuery(input.queryText),
    query_kind: input.queryKind ?? 'unknown',
    route: planRoute(input, budgets.max_candidates_total),
    budgets,
    filters: { allow_external_fetch: false, trust_min: 'low', ...input.filters },
    determinism_mode: input.determinismMode,
    policy_id: input.policyId,
    version: 1,
  })
  if (plan.success) return settle(plan.data)
  const places = plan.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new CompileError('InvalidInput', `A query plan must fit its schema; correct ${places}.`)
}

function planRoute({ stores, required = [] }: QueryPlanInput, candidates: number): RouteStep[] {
  const asked = new Set<Store>([...stores, ...required, 'bounded_read_only'])
  const order = ROUTE_ORDER.filter((store) => asked.has(store))
  if (!(candidates >= order.length)) {
    throw new CompileError(
      'InvalidInput',
      `max_candidates_total must be at least the number of stores (${order.length}), not ${candidates}; raise it or plan fewer stores.`,
    )
  }
  const share = Math.floor(candidates / order.length)
  return order.map((store) => ({
    store,
    purpose: PURPOSES[store],
    max_candidates: share,
    required: required.includes(store),
  }))
}

/** A question as a plan states it. */
export function plannedQuery(question: string): string {
  const text = question.toWellFormed()
  if (text.length <= MAX_QUERY_UNITS) return text
  // A surrogate pair is not cut in half: half of one could not be hashed.
  const last = text.charCodeAt(MAX_QUERY_UNITS - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_QUERY_UNITS - 1 : MAX_QUERY_UNITS)
}
