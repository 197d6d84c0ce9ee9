import { readJob, moveJob, openFence } from '@ctxlock/ace-validators/poisoning'
import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { openEngine } from '@ctxlock/durable-engine'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { personHere } from '../consent/person-id.ts'
import { recordCancelled } from '../executor/cancelled.ts'
import { recordCascadeCancel } from '../executor/child/cascade-cancel.ts'
import { childRunsOf } from '../executor/child/child-runs.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedRun, type RunIds } from '../run/recorded-run.ts'
import { isClaimed, runTaken } from '../run/run-claims.ts'
import { openSession, type Session } from '../session/session.ts'
import { openRunOwner } from '../workspace/run-owner.ts'
import { storedRequest } from './resume.ts'

interface CancelOptions extends GlobalOptions {
  readonly now?: boolean
}

/** `ctxlock cancel`: ends a run for good, after the step that is under way or, with `--now`, at once. */
export async function cancel([name = '']: readonly string[], context: CommandContext<CancelOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const { run_id: runId, subjects } = storedRequest(root, name)
  await using held = new AsyncDisposableStack()
  const session = held.adopt(await openSession({ root, variables: process.env }), (it) => it.close())
  const owner = held.adopt(openRunOwner(session.state.folder, session.environment.random.uuid()), (it) => it.close())
  return await recordedRun(session, 'cancel', async (ids) => {
    const { database } = session.state
    const engine = openEngine({ database, environment: session.environment, owner })
    try {
      await engine.serve({ runs: [] })
      const run = await engine.get(runId)
      if (run) engine.register(ending(session, ids, run, subjects[0]?.wp_id ?? 'task'))
      const mode = options.now === true ? 'terminate' : 'cooperative'
      const cancelled = run && (await engine.cancel(runId, { mode, reason: `cancelled by ${personHere()}` }))
      if (cancelled?.accepted !== true && !(run && endWaiting(session, ids, run, subjects[0]?.wp_id ?? 'task')))
        throw endedAlready(runId)
      for (const child of await childRunsOf(engine, runId)) {
        engine.register(endingChild(session, ids, child))
        await engine.cancel(child.runId, { mode, reason: 'parent_cancelled' })
      }
      const state = cancelled?.accepted === true ? ((await engine.get(runId))?.state ?? 'cancelled') : 'cancelled'
      output.result({ ok: true, run_id: runId, state })
      output.line(state === 'cancelled' ? `cancelled  ${runId}` : `asked      ${runId} ends when its step is finished`)
      return EXIT_CODE.done
    } finally {
      await engine.close()
    }
  })
}

/** A child whose job ends with those of its parent. */
function endingChild(session: Session, ids: RunIds, { workflow, version }: RunInfo): WorkflowDefinition {
  return {
    name: workflow,
    version,
    activities: {},
    run: notWorkedOn,
    ended: (_, run) => recordCascadeCancel(session, ids, run),
  }
}

function notWorkedOn(): Promise<never> {
  return Promise.reject(new TypeError('a run is not worked on in order to cancel it'))
}

/** The workflow of a run nobody works on, as far as ending it needs it: its event, and its job that waits. */
function ending(session: Session, ids: RunIds, { workflow, version }: RunInfo, wpId: string): WorkflowDefinition {
  return {
    name: workflow,
    version,
    activities: {},
    run: notWorkedOn,
    ended: (_, run) => endJobs(session, ids, run, wpId),
  }
}

function endJobs(session: Session, ids: RunIds, run: RunInfo, wpId: string): void {
  const { database } = session.state
  for (const jobId of session.jobs.jobsOf(run.runId)) {
    const state = readJob(database, jobId)?.state
    if (state !== 'running' && state !== 'awaiting_user') continue
    if (readJob(database, jobId)?.parent_job_id === null) recordCancelled(session, { ids, jobId, wpId }, run)
    moveJob(database, openFence(database, jobId), 'cancelled')
  }
}

/** A run whose call waits for a consent is over for the engine until somebody resumes it, and its job is not. False where none waits. */
function endWaiting(session: Session, ids: RunIds, run: RunInfo, wpId: string): boolean {
  const { database } = session.state
  if (!session.jobs.jobsOf(run.runId).some((jobId) => readJob(database, jobId)?.state === 'awaiting_user')) return false
  if (isClaimed(session.state, run.runId)) throw runTaken(run.runId)
  const reason = `cancelled by ${personHere()}`
  inTransaction(database, () => endJobs(session, ids, { ...run, state: 'cancelled', reason }, wpId))
  return true
}

function endedAlready(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_ENDED',
    message: `the run ${runId} has ended already`,
    hint: `Look at it with \`ctxlock status ${runId.slice(0, 8)}\`.`,
  })
}
