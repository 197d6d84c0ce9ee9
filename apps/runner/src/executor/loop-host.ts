import type { WorkflowContext } from '@ctxlock/contracts/engine'
import { CallResult, GateAnswer, SwapResult, Verdict, type ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import type { Timers } from '@ctxlock/contracts/ports'
import { canonicalHash } from '@ctxlock/core-hash'
import {
  callWithRetries,
  progressArtifact,
  tokenWarning,
  type IterationRequest,
  type LoopHost,
  type LoopState,
} from '@ctxlock/micro-task'
import { z } from 'zod'

import { CommandError } from '../command-error.ts'
import { grantTokens, TOKENS_USED_UP } from '../governed-call/budget/run-budget.ts'
import { storeRecord } from '../session/store-record.ts'
import { checkAttempt } from './attempt-check.ts'
import { playChild } from './child/child-run.ts'
import { ChildLook, untilAnswered } from './child/consent-wait.ts'
import { refusal } from './child/refused-child.ts'
import { readResult, type DurableSteps } from './durable-steps.ts'
import { endExecutorJob } from './executor-job.ts'
import type { ExecutorRun } from './executor-run.ts'
import { openLastAnswers } from './last-answers.ts'
import { callForIteration, endSession } from './model-call.ts'
import { openRunControls } from './run-controls.ts'
import { statusEvent } from './run-status.ts'

export interface LoopHostParts {
  readonly run: ExecutorRun
  readonly steps: DurableSteps
  readonly context: WorkflowContext
  /** Told of every reply, also of those that were stored before. */
  onReply(mtId: string, reply: ModelReply): void
  /** Told of every micro-task that this process completes. */
  onCompleted(mtId: string): void
}

/** The loop over the durable steps of one run: governed calls, checks, gates and the recorder behind the ports of the loop. */
export async function createLoopHost({ run, steps, context, onReply, onCompleted }: LoopHostParts): Promise<LoopHost> {
  const { session, plan } = run
  const { environment, artifacts, recorder } = session
  const envelope = {
    actor: 'system' as const,
    trace_id: environment.random.uuid(),
    job_id: run.job.jobId,
    workflow_run_id: run.ids.runId,
    model_session_id: run.ids.sessionId,
    wp_id: plan.loop.wpId,
  }
  const controls = openRunControls(session.state.database)
  const readText = (hash: string) => new TextDecoder().decode(artifacts.get(hash))
  const answers = openLastAnswers(run.edits, readText)
  const untilEnded = (signal: AbortSignal) => AbortSignal.any([signal, run.callOptions.signal])
  let before: LoopState | undefined

  return {
    startedAt: new Date(await context.now('loop')).toISOString(),
    policyHash: canonicalHash(plan.loop.policy),
    onState: run.onState,
    store: (record) => storeRecord(artifacts, record),
    async callModel(request) {
      const reply = await steps.once(context, {
        activity: 'call',
        key: request.callKey,
        input: { level: request.level, model: request.modelId },
        schema: CallResult,
        work: ({ signal }) =>
          run.replies.find(run.runId, request.stepId) ??
          callWithRetries(
            {
              call: (again, limits) => callForIteration(run, again, { ...limits, signal }),
              wait: (milliseconds) => wait(environment.timers, milliseconds, untilEnded(signal)),
            },
            request,
          ).catch((error: unknown) => outOfTokens(session, error)),
        commit: (made) => made.status === 'refused' || endSession(run, request, made),
      })
      if (reply.status === 'refused') return reply
      run.onReply(reply)
      replied(request, reply)
      return reply
    },
    async runChild(child) {
      const { key, request } = child
      const result = await untilAnswered(context, key, (look) =>
        steps.once(context, {
          activity: 'child',
          key: look,
          input: { step: request.stepId, model: request.modelId },
          schema: ChildLook,
          work: ({ signal }) => playChild(run, child, untilEnded(signal)),
        }),
      )
      if (result.status === 'replied') replied(request, result.reply)
      return result
    },
    async check(request, reply) {
      const verdict = await steps.once(context, {
        activity: 'check',
        key: `${request.stepId}/check`,
        input: { call: reply.call_id },
        schema: Verdict,
        async work({ signal }) {
          const judged = await checkAttempt(run, request, reply, { readText, signal: untilEnded(signal) })
          return { ...judged, requested: controls.of(run.runId), completed_at: session.timestamp() }
        },
        commit: ({ requested }) => requested === 'none' || controls.clear(run.runId),
      })
      answers.checked(request.definition.mt_id, verdict.edits ?? [])
      return verdict
    },
    swapModel: (swap) =>
      steps.once(context, {
        activity: 'swap',
        key: swap.key,
        input: { from: swap.from, to: swap.to },
        schema: SwapResult,
        work: () => run.swapModel(swap),
      }),
    async answer(gate) {
      const waited = await context.waitForSignal(gate.key)
      return readResult(GateAnswer, waited.kind === 'signal' ? waited.payload : null)
    },
    async record(key, events, next) {
      const status = run.status.after(next)
      const warning = tokenWarning(plan.loop, before?.totals, next.totals)
      const completed = completedSince(before, next)
      before = next
      let isNew = false
      await steps.once(context, {
        activity: 'record',
        key,
        input: { events: canonicalHash(events) },
        schema: z.null(),
        work: () => null,
        commit() {
          const drafts = [
            ...events,
            ...(warning ? [budgetWarning(run.ids.sessionId, warning)] : []),
            ...(status ? [statusEvent(status)] : []),
          ]
          recorder.recordAll(drafts.map((event) => ({ ...envelope, ...event })))
          answers.keep(events)
          // A person who goes on at a gate grants tokens to the loop; its calls are bounded by the budget.
          if (run.callOptions.budget) grantTokens(session, run.callOptions.budget, run.subjects, grantedTokens(next))
          run.storage.save()
          if (next.end) endExecutorJob(run, next, run.files.ledger())
          isNew = true
        },
      })
      if (!isNew) return
      for (const { mt_id } of plan.loop.definitions.filter((_, index) => completed.has(index))) onCompleted(mt_id)
      const ids = { jobId: run.job.jobId, updatedAt: session.timestamp() }
      run.files.writeProgress(progressArtifact(plan.loop, next, ids))
    },
  }

  function replied({ stepId, definition: { mt_id } }: IterationRequest, reply: ModelReply): void {
    run.files.settle(stepId, reply)
    onReply(mt_id, reply)
    if (reply.status === 'answered') answers.answered(mt_id, reply.output.content_hash)
  }
}

/** A refusal of the budget is a gate of the loop (spec 08 section 11); every other one ends the run. */
function outOfTokens(session: ExecutorRun['session'], error: unknown): CallResult {
  if (!(error instanceof CommandError) || error.code !== TOKENS_USED_UP) throw error
  return { ...refusal(session, 'budget', error.code, error.message), cause: 'budget' }
}

function wait(timers: Pick<Timers, 'after'>, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(milliseconds, resolve)
    // Whoever waits finds the signal aborted in the next call.
    signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
  })
}

/** The micro-tasks that were completed by this change of the state, by their place. */
function completedSince(before: LoopState | undefined, { tasks }: LoopState): ReadonlySet<number> {
  const isNew = ({ status }: LoopState['tasks'][number], index: number) =>
    status === 'completed' && before?.tasks[index]?.status !== 'completed'
  return new Set(tasks.flatMap((task, index) => (isNew(task, index) ? [index] : [])))
}

function grantedTokens({ granted, tasks }: LoopState): number {
  return tasks.reduce((sum, task) => sum + task.grantedTokens, granted.tokens)
}

/** FR-EVT-SESS-005: the job goes on, and somebody should know (spec 08 section 11). */
function budgetWarning(sessionId: string, { used, threshold }: NonNullable<ReturnType<typeof tokenWarning>>) {
  return {
    fr_event_id: 'FR-EVT-SESS-005' as const,
    type: 'session.budget_warning' as const,
    payload: { session_id: sessionId, budget_type: 'tokens', current_value: used, threshold_value: threshold },
  }
}
