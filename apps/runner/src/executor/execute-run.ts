import type { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import { canonicalHash } from '@ctxlock/core-hash'
import { refuseOtherDefinitions, type Scheduler, type StatusLine } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { openEditIndex } from '../edits/accepted-edits.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { subjectHash } from '../governed-call/call-subject.ts'
import { grantedTo, requireCapabilities } from '../governed-call/packs/capability-gate.ts'
import { notCompleted, playWorkflow } from '../run/play-workflow.ts'
import type { Session } from '../session/session.ts'
import { consentMissing, lookAgain } from './child/consent-wait.ts'
import { readResult } from './durable-steps.ts'
import { editedWorkspace, type EditedWorkspace } from './edited-workspace.ts'
import { executionPlan } from './execution-plan.ts'
import { completedIn, createExecutorJob, findExecutorJob } from './executor-job.ts'
import type { ExecutorRun } from './executor-run.ts'
import { runWaits } from './gate-refusal.ts'
import { LoopResult } from './loop-result.ts'
import { loopWorkflow } from './loop-workflow.ts'
import { recordRecovery } from './recovery.ts'
import { openReplyStore } from './reply-store.ts'
import { needsWorktree, openRunEdits } from './run-edits.ts'
import { openRunFiles } from './run-files.ts'
import { lockRunFiles } from './run-locks.ts'
import { openRunStatus, statusEvent } from './run-status.ts'
import { openRunSwaps, type RunSwaps } from './run-swaps.ts'
import { openStorageMeter, type StorageMeter } from './storage-limits.ts'

export type ExecutionRequest = Omit<
  ExecutorRun,
  'plan' | 'status' | 'storage' | 'replies' | 'files' | 'edits' | keyof RunSwaps
> & {
  /** What the subjects were generated as; nothing else is run (MT-002). */
  readonly definitions: MicroTaskDefinitions | undefined
  readonly resumed: boolean
  readonly scheduler: Scheduler
  /** A person lets commands run where the system cannot keep them in. */
  readonly allowUnsandboxed: boolean
}

export interface FinishedRun {
  readonly exit: ExitCode
  /** Micro-tasks that an earlier process completed, by their last call. */
  readonly finishedBefore: readonly { readonly mtId: string; readonly callId: string }[]
}

/**
 * Takes the micro-tasks of a run to their end, or to where a person has to decide. Every iteration is one governed call and its
 * check as durable steps: gone on with, the run repeats nothing that is finished. Throws what ends a call, and `runWaits`.
 */
export async function executeRun(request: ExecutionRequest): Promise<FinishedRun> {
  const { session, subjects, definitions } = request
  refuseOtherDefinitions(
    definitions,
    subjects.map(({ definition }) => definition),
  )
  const known = findExecutorJob(session, request.runId)
  const plan = executionPlan(session, subjects, known)
  if (!known) session.state.unsynced(() => createExecutorJob({ ...request, plan }))
  const status = openRunStatus(session, plan, subjects)
  try {
    return await executePlan({ ...request, plan, status })
  } catch (error) {
    if (error instanceof CommandError && error.code.startsWith('CX-MM-'))
      sayBlocked(request, status.blocked(error.code))
    throw error
  }
}

/** INV-MM-005: what stops a run by a code of spec 07 shows in its status too. */
function sayBlocked({ session, ids, job }: ExecutionRequest, status: StatusLine): void {
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    job_id: job.jobId,
    workflow_run_id: ids.runId,
    ...statusEvent(status),
  })
}

type PlannedExecution = ExecutionRequest & Pick<ExecutorRun, 'plan' | 'status'>

async function executePlan(planned: PlannedExecution): Promise<FinishedRun> {
  const storage = openStorageMeter(planned.session.state.database, planned.runId)
  const request = {
    ...planned,
    session: metered(planned.session, storage),
    ungated: metered(planned.ungated, storage),
    storage,
  }
  const { session, subjects } = request
  const { artifacts, reader, state } = session
  const work = { jobId: request.job.jobId, runId: request.ids.runId }
  for (const { role, definition } of subjects) {
    requireCapabilities(session, work, grantedTo(session, role), role, definition)
  }
  const madeNow = new Set<string>()
  const index = openEditIndex(state.database, artifacts)
  // Calls see what the run has finished so far.
  const ungated = over(request.ungated, editedWorkspace(reader, index, artifacts, request.runId))
  const waited = request.resumed && (await lookAgain(session, request.runId))
  const locks = lockRunFiles(request, subjects)
  const replies = openReplyStore(state.database)
  const run: ExecutorRun = {
    ...request,
    ...(await openRunSwaps({ ...request, ungated })),
    ungated,
    edits: undefined,
    replies,
    files: openRunFiles(session, request.runId, replies, request.job.fence),
    onCall(call) {
      madeNow.add(call.ids.callId)
      request.onCall(call)
    },
  }
  if (request.resumed && !waited) recordRecovery(run)
  const edits = needsWorktree(run)
    ? await openRunEdits(run, { index, madeNow, allowUnsandboxed: request.allowUnsandboxed })
    : undefined
  try {
    const finished = await play({ ...run, edits }, request.resumed)
    locks.release(request.runId)
    return finished
  } finally {
    await edits?.close()
  }
}

async function play(run: ExecutorRun, resumed: boolean): Promise<FinishedRun> {
  const { session, runId, job, subjects, plan } = run
  const loop = loopWorkflow(run)
  const input = { subjects: subjects.map(subjectHash), policy: canonicalHash(plan.loop.policy) }
  const played = await playWorkflow(run.ungated, { runId, resumed, job, workflow: loop.workflow, input })
  if (played.state === 'waiting') throw consentMissing(run.ungated, played) ?? runWaits(played)
  if (played.state !== 'completed') throw loop.thrown() ?? notCompleted(played)

  const { status, reason, code, calls } = readResult(LoopResult, played.result ?? null)
  if (status !== 'completed' && status !== 'completed_with_issues') throw withoutResult(runId, { status, reason, code })
  const completed = completedIn(session, runId)
  return {
    exit: status === 'completed' ? EXIT_CODE.done : EXIT_CODE.degraded,
    finishedBefore: calls
      .filter(({ mt_id }) => completed.has(mt_id) && !loop.completedNow.has(mt_id))
      .map(({ mt_id, call_id }) => ({ mtId: mt_id, callId: call_id })),
  }
}

function metered(session: Session, { within }: StorageMeter): Session {
  return Object.setPrototypeOf({ artifacts: within(session.artifacts) }, session)
}

/** Not a copy: what changes in the session while the run goes on has to show. */
function over(session: Session, workspace: EditedWorkspace): Session {
  return Object.setPrototypeOf(workspace, session)
}

function withoutResult(
  runId: string,
  end: { readonly status: string; readonly reason: string; readonly code: string | undefined },
): CommandError {
  return new CommandError({
    exit: end.status === 'cancelled' ? EXIT_CODE.cancelled : EXIT_CODE.verificationFailed,
    code: end.code ?? end.status,
    message: `the run ${runId} ended without a result: ${end.reason}`,
    hint: `It cannot be gone on with. Look at it with \`ctxlock status ${runId.slice(0, 8)}\`, correct the task and start a new run.`,
  })
}
