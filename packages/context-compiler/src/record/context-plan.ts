import type { ContextPlan, PolicyDecision, ScopeInputs } from '@ctxlock/contracts/context'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { settle } from '@ctxlock/core-hash'

import type { Retrieval } from '../retrieval/retrieve.ts'

export interface ContextPlanInput {
  readonly scopeInputs: ScopeInputs
  readonly plan: QueryPlan
  readonly retrieval: Pick<Retrieval, 'trace' | 'decisions'>
  readonly budgets: { readonly total: number; readonly prefix: number; readonly suffix: number }
  readonly compaction?: ContextPlan['compaction']
  readonly policy: PolicyDecision
  readonly playbookRef?: ContextPlan['playbook_ref']
}

/** What one call set out to do and why each source was taken or left out (spec 04 section 2, ACE-009, ACE-077). */
export function buildContextPlan(input: ContextPlanInput): ContextPlan {
  const { plan, retrieval, budgets, compaction, playbookRef } = input
  return settle<ContextPlan>({
    schema_version: 'hsk.context_plan@1',
    scope_inputs: input.scopeInputs,
    budgets: {
      ...budgets,
      tool_delta_inline_char_limit: plan.budgets.tool_delta_inline_char_limit,
      max_retrieval_candidates: plan.budgets.max_candidates_total,
      max_selected_snippets: plan.budgets.max_snippets_total,
    },
    determinism_mode: plan.determinism_mode,
    retrieval: { query_plan_id: plan.plan_id, budgets: plan.budgets },
    selection: [...retrieval.decisions],
    truncation: [...retrieval.trace.truncation_flags],
    compaction: compaction ?? { applied: false },
    policy: input.policy,
    ...(playbookRef && { playbook_ref: playbookRef }),
  })
}
