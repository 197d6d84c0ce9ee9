import type { LoopEvent } from './loop-event.ts'
import type { LoopPlan } from './loop-plan.ts'
import type { LoopState, Transition } from './loop-state.ts'

/** FR-EVT-MT-001: what is about to be done, and under which policy. `policyHash` is the canonical hash of the policy. */
export function startLoop(plan: LoopPlan, state: LoopState, policyHash: string): Transition {
  const { policy, definitions, waves, tokenLimits } = plan
  return {
    state: { ...state, phase: 'executing_mt' },
    events: [
      {
        fr_event_id: 'FR-EVT-MT-001',
        type: 'micro_task_loop_started',
        payload: {
          total_mts: definitions.length,
          execution_policy: {
            policy_hash: policyHash,
            max_iterations_per_mt: policy.max_iterations_per_mt,
            max_total_iterations: policy.max_total_iterations,
            max_duration_ms: policy.max_duration_ms,
            max_total_tokens: tokenLimits.gate,
            cloud_escalation_allowed: policy.cloud_escalation_allowed,
            drop_back_strategy: policy.drop_back_strategy,
          },
          mt_ids: definitions.slice(0, 256).map(({ mt_id }) => mt_id),
          execution_waves: waves.slice(0, 256).map((wave) => wave.slice(0, 256)),
        },
      },
    ],
  }
}

/** FR-EVT-MT-009: all that could be done is done. What failed or was cancelled said so when it happened. */
export function finishLoop(
  state: LoopState,
  status: 'completed' | 'completed_with_issues',
  reason: string,
): Transition {
  const count = (wanted: LoopState['tasks'][number]['status']) =>
    state.tasks.filter(({ status: is }) => is === wanted).length
  const finished: LoopEvent = {
    fr_event_id: 'FR-EVT-MT-009',
    type: 'micro_task_loop_completed',
    payload: {
      status,
      completed: count('completed'),
      failed: count('failed'),
      skipped: count('skipped'),
      duration_ms: state.totals.activeMs,
      tokens_total: state.totals.tokensPrompt + state.totals.tokensCompletion,
    },
  }
  return { state: { ...state, phase: 'completed', end: { status, reason } }, events: [finished] }
}

/** FR-EVT-MT-011: a person took the job back; cancelled, not failed (MT-012, MT-063). The engine ends the run, the loop is left where it is. */
export function loopCancelled(cancelledBy: string, reason: string): LoopEvent {
  return {
    fr_event_id: 'FR-EVT-MT-011',
    type: 'micro_task_loop_cancelled',
    payload: { reason, cancelled_by: cancelledBy },
  }
}
