import type { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { ContextPackBinding } from '@ctxlock/contracts/packs'
import { parseCanonical } from '@ctxlock/core-hash'
import { nextAction, swapPolicyOf, type IterationRequest, type LoopState, type Scheduler } from '@ctxlock/micro-task'

import type { CallSubject } from '../governed-call/call-subject.ts'
import type { PreparedGovernedCall } from '../governed-call/governed-call.ts'
import type { ExecutorRun } from './executor-run.ts'
import { callIds, subjectOf, type CallParts } from './model-call.ts'
import { createModelSwapper } from './swap/model-swapper.ts'
import type { PendingCall } from './swap/swap-context.ts'

type Parts = CallParts & Pick<ExecutorRun, 'ungated' | 'runId' | 'callOptions'> & { readonly scheduler: Scheduler }

/** The members of a run that have to do with changing models. */
export type RunSwaps = Pick<ExecutorRun, 'swapModel' | 'lastBinding' | 'takePrepared' | 'onState' | 'onReply'>

/**
 * Swaps for one run of the loop: the call that follows is the loop's own next step under the other model, compiled once, while the
 * model is changed, and sent afterwards. Rolls back first what an earlier process of the run left half-way.
 */
export async function openRunSwaps(parts: Parts): Promise<RunSwaps> {
  const { session, plan } = parts
  let state: LoopState | undefined
  let lastCall: string | undefined
  let prepared: PreparedGovernedCall | undefined
  const swapper = createModelSwapper({
    ...parts,
    jobId: parts.job.jobId,
    wpId: plan.loop.wpId,
    policy: swapPolicyOf(plan.loop.policy),
    role: parts.subjects[0]?.role.runtime_role ?? 'worker',
    options: parts.callOptions,
    checkpoint: () => JSON.parse(JSON.stringify({ run_id: parts.runId, state })),
    pendingCall,
    lastBinding,
    onPrepared: (call) => (prepared = call),
  })
  await swapper.recover()

  function pendingCall(modelId: string): PendingCall | undefined {
    if (!state) return undefined
    const request = pendingIteration(state, modelId)
    return { subject: subjectOf(parts, request), ids: callIds(parts, request) }
  }

  function pendingIteration(at: LoopState, modelId: string): IterationRequest {
    const action = nextAction(plan.loop, { ...at, loadedModel: plan.loop.chain[at.rung]?.model_id ?? modelId })
    if (action.kind !== 'iterate') throw new TypeError('a model is changed for an iteration')
    return { ...action.request, modelId }
  }

  /** Packs are those of one micro-task: another one begins with its own. */
  function lastBinding({ definition }: CallSubject): ContextPackBinding | undefined {
    if (lastCall === undefined) return undefined
    const { binding } = session.calls.find(lastCall)
    const bound = ContextPackBinding.parse(parseCanonical(session.artifacts.get(binding.content_hash)))
    return bound.identity.mt_id === definition.mt_id ? bound : undefined
  }

  return {
    swapModel: (swap) => swapper.swap(swap),
    lastBinding,
    takePrepared(stepId) {
      const call = prepared?.ids.stepId === stepId ? prepared : undefined
      prepared = undefined
      return call
    },
    onState(next) {
      state = next
    },
    onReply({ call_id }: ModelReply) {
      lastCall = call_id
    },
  }
}
