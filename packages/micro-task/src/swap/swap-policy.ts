import type { ModelSwapRequest, SwapReport } from '@ctxlock/contracts/model-swap'
import type { ExecutionPolicy, ModelSwapPolicy } from '@ctxlock/contracts/micro-task-run'
import type { AutomationLevel } from '@ctxlock/contracts/primitives'

import { SwapFailure } from './swap-failure.ts'

/** What holds for a job whose policy says nothing about swaps (SWAP-021). */
export const DEFAULT_SWAP_POLICY: ModelSwapPolicy = {
  schema_version: 'hsk.exec_policy_ext@0.4',
  kind: 'model_swap_policy',
  allow_swaps: true,
  max_swaps_per_job: 10,
  swap_timeout_ms: 120_000,
  fallback_strategy: 'abort',
}

/** What the policy of a job says about swaps, or the default where it says nothing (SWAP-021). */
export function swapPolicyOf({ extensions }: Pick<ExecutionPolicy, 'extensions'>): ModelSwapPolicy {
  return extensions.find(({ kind }) => kind === 'model_swap_policy') ?? DEFAULT_SWAP_POLICY
}

/** Throws `SwapFailure` where the policy forbids the swap. `begun` counts the swaps of the job, this one included. */
export function demandAllowed(policy: ModelSwapPolicy, request: ModelSwapRequest, begun: number): void {
  const { allow_swaps, max_swaps_per_job, swap_timeout_ms } = policy
  if (!allow_swaps) throw new SwapFailure('swaps_not_allowed', 'The policy of the job allows no change of model.')
  if (begun > max_swaps_per_job) {
    throw new SwapFailure('swap_limit', `Expected at most ${max_swaps_per_job} changes of model in this job.`)
  }
  if (request.timeout_ms > swap_timeout_ms) {
    throw new SwapFailure(
      'timeout_above_policy',
      `Expected a timeout of at most ${swap_timeout_ms} ms, got ${request.timeout_ms}.`,
    )
  }
  if (request.target_model_id === request.current_model_id && request.reason !== 'reload') {
    throw new SwapFailure('same_model', 'Expected another model as the target; only a reload names the same one.')
  }
}

export type AfterSwap = 'resume' | 'continue_with_current' | 'escalate_to_cloud' | 'abort'

/**
 * What the job does after a swap (SWAP-022). Going on with the current model needs it to be there: a swap that touched nothing,
 * or one that was rolled back. Going to the cloud only begins the consent, which `LOCKED` never does.
 */
export function afterSwap(
  { fallback_strategy }: Pick<ModelSwapPolicy, 'fallback_strategy'>,
  report: Pick<SwapReport, 'outcome' | 'model_id' | 'error'>,
  automationLevel: AutomationLevel,
): AfterSwap {
  if (report.outcome === 'success') return 'resume'
  if (fallback_strategy === 'escalate_to_cloud') return automationLevel === 'LOCKED' ? 'abort' : 'escalate_to_cloud'
  return fallback_strategy === 'continue_with_current' && report.model_id !== null ? 'continue_with_current' : 'abort'
}
