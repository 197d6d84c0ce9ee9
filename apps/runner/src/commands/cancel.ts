import { readJob, moveJob, openFence } from '@ctxlock/ace-validators/poisoning'
import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'
import { openEngine } from '@ctxlock/durable-engine'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { personHere } from '../consent/person-id.ts'
import { recordCancelled } from '../executor/cancelled.ts'
import { recordCascadeCancel } from '../executor/child/cascade-cancel.ts'
import { childRunsOf } from '../executor/child/child-runs.ts'
import { runView } from '../executor/run-view.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedRun, type RunIds } from '../run/recorded-run.ts'
import { openSession, type Session } from '../session/session.ts'
import { openRunOwner } from '../workspace/run-owner.ts'
import { storedRequest } from './resume.ts'

interface CancelOptions extends GlobalOptions {
  readonly now?: boolean
}

/**
 * `ctxlock cancel`: ends a run for good, after the step that is under way or, with `--now`, at once; one that failed and could be resumed
 * too. Throws `RUN_ENDED` for a run that is over.
 */
export async function cancel([name = '']: readonly string[], context: CommandContext<CancelOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const { run_id: runId, subjects } = await storedRequest(root, name, 'cancelled')
  await using held = new AsyncDisposableStack()
  const session = held.adopt(await openSession({ root, variables: process.env }), (it) => it.close())
  const owner = held.adopt(openRunOwner(session.state.folder, session.environment.random.uuid()), (it) => it.close())
  return await recordedRun(session, 'cancel', async (ids) => {
    const { database } = session.state
    const engine = openEngine({ database, environment: session.environment, owner })
    try {
      await engine.serve({ runs: [] })
      const run = await engine.get(runId)
      if (!run || (run.state === 'failed' && runView(session.state, run).next.length === 0)) throw endedAlready(runId)
      engine.register(ending(session, ids, run, subjects[0]?.wp_id ?? 'task'))
      const mode = options.now === true ? 'terminate' : 'cooperative'
      const { accepted } = await engine.cancel(runId, { mode, reason: `cancelled by ${personHere()}` })
      // Also those that a process left behind which was killed after it had ended their parent.
      const children = accepted || run.state === 'cancelled' ? await childRunsOf(engine, runId) : []
      let isEnded = accepted
      for (const child of children) {
        engine.register(endingChild(session, ids, child))
        const ended = await engine.cancel(child.runId, { mode, reason: 'parent_cancelled' })
        isEnded ||= ended.accepted
      }
      if (!isEnded) throw endedAlready(runId)
      const state = (await engine.get(runId))?.state
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

/** Throws `RUN_ENDED` for a run that was poisoned meanwhile: nothing is written about it any more (VAL-070). */
function endJobs(session: Session, ids: RunIds, run: RunInfo, wpId: string): void {
  const { database } = session.state
  if (session.jobs.isPoisoned(run.runId)) throw endedAlready(run.runId)
  const jobs = session.jobs.jobsOf(run.runId).flatMap((jobId) => readJob(database, jobId) ?? [])
  const open = jobs.filter(({ state }) => state === 'running' || state === 'awaiting_user')
  // A run that failed has no job that is open: it is ended in the name of one that failed.
  const own = [...open, ...jobs].find(({ parent_job_id }) => parent_job_id === null)
  if (own) recordCancelled(session, { ids, jobId: own.job_id, wpId }, run)
  for (const { job_id } of open) moveJob(database, openFence(database, job_id), 'cancelled')
}

function endedAlready(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_ENDED',
    message: `the run ${runId} has ended already`,
    hint: `Look at it with \`ctxlock status ${runId.slice(0, 8)}\`.`,
  })
}
