import type { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import type { ProviderErrorCode } from '@ctxlock/contracts/provider'
import { canonicalHash, uuidFromHash } from '@ctxlock/core-hash'
import type { IterationRequest } from '@ctxlock/micro-task'

import type { CallIds, CallSubject } from '../governed-call/call-subject.ts'
import type { CallOptions } from '../governed-call/call-options.ts'
import { governedCall, sendCall, type GovernedCall } from '../governed-call/governed-call.ts'
import { endModelSession } from '../governed-call/model-session.ts'
import type { ExecutorRun } from './executor-run.ts'
import { attemptSections } from './iteration-context.ts'
import { idempotencyKey, modelReply } from './model-reply.ts'
import { timedTurn } from './timed-turn.ts'

/** Failures that say something about the set-up, not about the model: they end the run, which can be gone on with once mended. */
const SET_UP: ReadonlySet<ProviderErrorCode> = new Set([
  'aborted',
  'auth',
  'permission',
  'invalid_config',
  'ssrf_blocked',
  'redirect_blocked',
  'not_supported',
])

/**
 * One governed call for an iteration. Its answer is stored in the transaction that settles the call. A failure of the model is a
 * reply; a refusal of the call, and a failure that no other attempt can mend, is thrown.
 */
export async function callForIteration(
  run: ExecutorRun,
  request: IterationRequest,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ModelReply> {
  const turn = timedTurn(run.session, timeoutMs, run.callOptions.inTurn)
  let settled: ModelReply | undefined
  try {
    const options: CallOptions = {
      ...run.callOptions,
      signal: AbortSignal.any([run.callOptions.signal, signal, turn.signal]),
      inTurn: turn.inTurn,
      onIntent: (made) => run.files.begin(request.stepId, idempotencyKey(made)),
      onSettled: (made) => {
        settled = modelReply(run.session, made, made, turn.timing())
        if (settled.status === 'answered') run.replies.add(run.runId, request.stepId, settled)
      },
    }
    const prepared = run.takePrepared(request.stepId)
    const call = prepared
      ? await sendCall(run.ungated, { ...prepared, options })
      : await callAnew(run, request, options)
    if (call.failure && !turn.signal.aborted && SET_UP.has(call.failure.code)) throw call.failure
    if (!call.failure) run.onCall(call)
  } finally {
    turn.end()
  }
  if (!settled) throw new TypeError('a governed call that returned was settled')
  return settled
}

/** A call that no change of model prepared. Within a micro-task its packs are bound to those of the call before (CP-049). */
function callAnew(run: ExecutorRun, request: IterationRequest, options: CallOptions): Promise<GovernedCall> {
  const subject = subjectOf(run, request)
  const previous = run.lastBinding(subject)
  return governedCall(run.ungated, subject, callIds(run, request), {
    ...options,
    ...(previous && { rebinding: { previous, reason: 'resume' } }),
  })
}

/** What a call of an iteration is made of. */
export type CallParts = Pick<ExecutorRun, 'subjects' | 'session' | 'plan' | 'ids' | 'job' | 'runId'>

export function subjectOf(
  {
    subjects,
    session,
    plan,
  }: Pick<CallParts, 'subjects' | 'plan'> & { readonly session: Pick<CallParts['session'], 'artifacts' | 'counter'> },
  request: IterationRequest,
): CallSubject {
  const subject = subjects.find(({ definition }) => definition.mt_id === request.definition.mt_id)
  if (!subject) throw new TypeError('the loop runs the micro-tasks it was given')
  return {
    ...subject,
    iteration: request.number,
    attempt: {
      level: request.level,
      modelId: plan.routed ? undefined : request.modelId,
      localAttempts: request.number - 1,
      lastError: request.previous?.error,
      ...attemptSections(request, session.artifacts, session.counter),
    },
  }
}

/** An iteration keeps its session however often its call is made; that of a child run is the session of the run. */
export function callIds({ session, ids, job, runId }: CallParts, { stepId }: IterationRequest): CallIds {
  const { random } = session.environment
  const own = job.parentJobId === undefined && { iterationSessionId: uuidFromHash(canonicalHash([runId, stepId])) }
  return { ...ids, ...job, ...own, stepId, traceId: random.uuid(), callId: random.uuid() }
}

/** No try is left: part of the transaction that keeps the reply. An answer has ended its session already. */
export function endSession(run: ExecutorRun, request: IterationRequest, reply: ModelReply): void {
  if (reply.status !== 'failed') return
  const ids = { ...callIds(run, request), callId: reply.call_id }
  endModelSession(
    run.session,
    { ids, subject: subjectOf(run, request), options: run.callOptions },
    'FAILED',
    reply.code,
  )
}
