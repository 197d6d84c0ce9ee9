import { readJob } from '@ctxlock/ace-validators/poisoning'
import type { RunInfo } from '@ctxlock/contracts/engine'
import { ChildResult } from '@ctxlock/contracts/micro-task-iteration'
import { canonicalHash, uuidFromHash, type JsonValue } from '@ctxlock/core-hash'
import { openEngine } from '@ctxlock/durable-engine'
import type { LoopChild } from '@ctxlock/micro-task'

import { waitsForConsent } from '../../consent/consent-refusal.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import { inJob, resumeJob, startJob, type Job } from '../../run/job.ts'
import { notCompleted, playWorkflow } from '../../run/play-workflow.ts'
import { recordedRun, type RunIds } from '../../run/recorded-run.ts'
import { gatedSession } from '../../session/gated-session.ts'
import type { Session } from '../../session/session.ts'
import { createDurableSteps, readResult } from '../durable-steps.ts'
import type { ExecutorRun } from '../executor-run.ts'
import { subjectOf } from '../model-call.ts'
import { spawn } from './child-budget.ts'
import { callAsChild } from './child-call.ts'
import { CHILD_WORKFLOW } from './child-runs.ts'
import { ChildLook, consentMissing, lookAgain, untilAnswered } from './consent-wait.ts'
import { refusal } from './refused-child.ts'
import { recordAnnounceBack } from './spawn-events.ts'

/** Changes when child runs of an earlier version can no longer be gone on with. */
const VERSION = '1.0'

/**
 * The call of a cloud level as a run of its own (MT-028, VAL-046): job, baseline, packs, budget and consent are the child's, and only
 * its reply comes back. The same key is the same child: one that ended gives its result again, one that waited or was killed goes on.
 * Throws what ends the child otherwise, which ends its parent too.
 */
export async function playChild(parent: ExecutorRun, child: LoopChild, signal: AbortSignal): Promise<ChildLook> {
  const runId = childRunId(parent.runId, child.key)
  let result: ChildLook | undefined = await endedBefore(parent.ungated, runId)
  if (result) return result
  await lookAgain(parent.ungated, runId)
  const work = async (life: RunIds): Promise<ExitCode> => {
    const { job, isNew } = childJob(parent, child, runId, life)
    return inJob(parent.ungated, job, async () => {
      const run = asChild(parent, job, life, signal)
      result = (isNew ? spawn(run, parent, child.request) : undefined) ?? (await play(run, parent, child))
      return exitOf(result)
    })
  }
  try {
    await recordedRun(parent.ungated, CHILD_WORKFLOW, work, runId)
  } catch (error) {
    if (!waitsForConsent(error)) throw error
    result = { status: 'waiting' }
  }
  if (!result) throw new TypeError('a recorded run that returned has done its work')
  return result
}

function childRunId(parentRunId: string, key: string): string {
  return uuidFromHash(canonicalHash(['child', parentRunId, key]))
}

interface ChildJob {
  readonly job: Job
  readonly isNew: boolean
}

/** The job that waited for a consent, as long as the parent's is the same; else a new one, and what was approved still holds. */
function childJob(parent: ExecutorRun, { request }: LoopChild, runId: string, life: RunIds): ChildJob {
  const { ungated: session, job } = parent
  const waiting = session.jobs.jobsOf(runId).find((jobId) => {
    const known = readJob(session.state.database, jobId)
    return known?.state === 'awaiting_user' && known.parent_job_id === job.jobId
  })
  // The parent's runs too: one whose child was poisoned is over.
  const runIds = [life.runId, runId, parent.ids.runId, parent.runId]
  if (waiting !== undefined) {
    return { job: { ...resumeJob(session, waiting, runIds), parentJobId: job.jobId }, isNew: false }
  }
  const { definition, question, scope } = subjectOf(parent, request)
  const inputsHash = canonicalHash([definition, question, scope, request.modelId])
  return { job: startJob(session, inputsHash, runIds, job.jobId), isNew: true }
}

/** The parent as far as the child goes on in its place: reply and ledger are the parent's, everything else is not. */
function asChild(parent: ExecutorRun, job: Job, ids: RunIds, signal: AbortSignal): ExecutorRun {
  const { budget, ...callOptions } = parent.callOptions
  const own = budget && { ...budget, budgetId: job.jobId, ownerId: job.jobId }
  return {
    ...parent,
    session: gatedSession(parent.ungated, job.fence),
    ids: { ...ids, parentSessionId: parent.ids.sessionId },
    job,
    lastBinding: () => undefined,
    callOptions: { ...callOptions, signal, ...(own && { budget: own }) },
  }
}

async function play(run: ExecutorRun, parent: ExecutorRun, { key, request }: LoopChild): Promise<ChildResult> {
  const { ungated, job, ids } = run
  const steps = createDurableSteps()
  const input: JsonValue = { parent_run: parent.runId, key, mt_id: request.definition.mt_id, model: request.modelId }
  const played = await playWorkflow(ungated, {
    runId: ids.sessionId,
    resumed: false,
    job,
    input,
    workflow: {
      name: CHILD_WORKFLOW,
      version: VERSION,
      activities: steps.activities,
      run: (context) =>
        untilAnswered(context, 'call', (look) =>
          steps.once(context, {
            activity: 'call',
            key: look,
            input,
            schema: ChildLook,
            work: ({ signal }) => callAsChild(run, request, signal),
            commit: (result) => recordAnnounceBack(run, parent, result),
          }),
        ),
    },
  })
  if (played.state === 'waiting') throw consentMissing(ungated, played) ?? notCompleted(played)
  const result = resultOf(ungated, played)
  if (!result) throw steps.thrown() ?? notCompleted(played)
  return result
}

/** What a child came to whose parent was killed before it had written that down. */
async function endedBefore(session: Session, runId: string): Promise<ChildResult | undefined> {
  const engine = openEngine({ database: session.state.database, environment: session.environment })
  try {
    const run = await engine.get(runId)
    return run && resultOf(session, run)
  } finally {
    await engine.close()
  }
}

/** Undefined while the child can be gone on with. */
function resultOf(
  session: Session,
  { state, result, reason = 'no reason was given' }: RunInfo,
): ChildResult | undefined {
  if (state === 'completed') return readResult(ChildResult, result ?? null)
  if (state !== 'cancelled') return undefined
  return refusal(session, 'denied', 'RUN_CANCELLED', `its child run was cancelled: ${reason}`)
}

function exitOf(result: ChildResult): ExitCode {
  if (result.status === 'refused') return EXIT_CODE.refused
  return result.reply.status === 'failed' ? EXIT_CODE.provider : EXIT_CODE.done
}
