import type { WorkflowContext } from '@ctxlock/contracts/engine'
import { GateAnswer, ModelReply, SwapResult, Verdict, type TriedFile } from '@ctxlock/contracts/micro-task-iteration'
import { canonicalHash } from '@ctxlock/core-hash'
import {
  callWithRetries,
  judgeAttempt,
  progressArtifact,
  tokenWarning,
  type IterationRequest,
  type LoopEvent,
  type LoopHost,
  type LoopState,
} from '@ctxlock/micro-task'
import { z } from 'zod'

import { grantTokens } from '../governed-call/budget/run-budget.ts'
import { storeRecord } from '../session/store-record.ts'
import { playChild } from './child/child-run.ts'
import { ChildLook, untilAnswered } from './child/consent-wait.ts'
import { readResult, type DurableSteps } from './durable-steps.ts'
import { endExecutorJob } from './executor-job.ts'
import type { ExecutorRun } from './executor-run.ts'
import { interrupted } from './interrupted.ts'
import { callForIteration, endSession } from './model-call.ts'
import { oneLine } from './one-line.ts'
import { openRunControls } from './run-controls.ts'
import { statusEvent } from './run-status.ts'

export interface LoopHostParts {
  readonly run: ExecutorRun
  readonly steps: DurableSteps
  readonly context: WorkflowContext
  /** Told of every reply, also of those that were stored before. */
  onReply(mtId: string, reply: ModelReply): void
}

/** The loop over the durable steps of one run: governed calls, checks, gates and the recorder behind the ports of the loop. */
export async function createLoopHost({ run, steps, context, onReply }: LoopHostParts): Promise<LoopHost> {
  const { session, plan } = run
  const { environment, artifacts, recorder, redactor } = session
  const envelope = {
    actor: 'system' as const,
    trace_id: environment.random.uuid(),
    job_id: run.job.jobId,
    workflow_run_id: run.ids.runId,
    model_session_id: run.ids.sessionId,
    wp_id: plan.loop.wpId,
  }
  const controls = openRunControls(session.state.database)
  let totals: LoopState['totals'] | undefined
  /** The last answer to each micro-task. */
  const outputs = new Map<string, string>()
  /** What the last attempt at each micro-task was checked with. */
  const checked = new Map<string, readonly TriedFile[]>()
  const readText = (hash: string) => new TextDecoder().decode(artifacts.get(hash))

  return {
    startedAt: new Date(await context.now('loop')).toISOString(),
    policyHash: canonicalHash(plan.loop.policy),
    onState: run.onState,
    store: (record) => storeRecord(artifacts, record),
    async callModel(request) {
      const reply = await steps.once(context, {
        activity: 'call',
        key: `${request.stepId}/call`,
        input: { level: request.level, model: request.modelId },
        schema: ModelReply,
        work: ({ signal }) =>
          run.replies.find(run.runId, request.stepId) ??
          callWithRetries(
            {
              call: (again, limits) => callForIteration(run, again, { ...limits, signal }),
              wait: (milliseconds) => wait(milliseconds, AbortSignal.any([signal, run.callOptions.signal])),
            },
            request,
          ),
        commit: (made) => endSession(run, request, made),
      })
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
          work: ({ signal }) => playChild(run, child, AbortSignal.any([signal, run.callOptions.signal])),
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
          const began = environment.clock.monotonic()
          const patch = run.edits?.portsFor(request, reply.call_id, AbortSignal.any([signal, run.callOptions.signal]))
          const ports = { readText, ...(patch && { patch }) }
          const { summary, blocked, ...judged } = await judgeAttempt(ports, request, reply)
          // Commands that were ended because a person stopped this process failed at nothing.
          if (run.callOptions.signal.aborted) throw interrupted('the check', run.runId)
          const edits = run.edits?.tried() ?? []
          const line = (text: string) => oneLine(text, redactor)
          return {
            ...judged,
            ...(edits.length > 0 && { edits: [...edits] }),
            ...(summary !== undefined && { summary: line(summary) }),
            ...(blocked && { blocked: { reason: line(blocked.reason), need: line(blocked.need) } }),
            requested: controls.of(run.runId),
            completed_at: session.timestamp(),
            duration_ms: reply.duration_ms + Math.round(environment.clock.monotonic() - began),
          }
        },
        commit: ({ requested }) => requested === 'none' || controls.clear(run.runId),
      })
      checked.set(request.definition.mt_id, verdict.edits ?? [])
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
      const warning = tokenWarning(plan.loop, totals, next.totals)
      totals = next.totals
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
          keepEdits(events)
          // A person who goes on at a gate grants tokens to the loop; its calls are bounded by the budget.
          if (run.callOptions.budget) grantTokens(session, run.callOptions.budget, run.subjects, grantedTokens(next))
          run.storage.save()
          if (next.end) endExecutorJob(run, next, run.files.ledger())
          isNew = true
        },
      })
      if (!isNew) return
      const ids = { jobId: run.job.jobId, updatedAt: session.timestamp() }
      run.files.writeProgress(progressArtifact(plan.loop, next, ids))
    },
  }

  function replied({ stepId, definition: { mt_id } }: IterationRequest, reply: ModelReply): void {
    run.files.settle(stepId, reply)
    onReply(mt_id, reply)
    if (reply.status === 'answered') outputs.set(mt_id, reply.output.content_hash)
  }

  /** What is complete is kept, and what is kept is a patch when the loop is through; with the events that say so. */
  function keepEdits(events: readonly LoopEvent[]): void {
    for (const { type, mt_id } of events) {
      const output = mt_id === undefined ? undefined : outputs.get(mt_id)
      if (type === 'micro_task_complete' && mt_id !== undefined && output !== undefined) {
        run.edits?.accept(mt_id, readText(output), checked.get(mt_id) ?? [])
      }
      if (type === 'micro_task_loop_completed') run.edits?.finish()
    }
  }

  function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = environment.timers.after(milliseconds, resolve)
      // Whoever waits finds the signal aborted in the next call.
      signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
    })
  }
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
