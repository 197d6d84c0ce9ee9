import { readJob } from '@ctxlock/ace-validators/poisoning'
import { costState } from '@ctxlock/governance'

import type { CommandContext } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { patchOf } from '../edits/run-patch.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { GovernedCall } from '../governed-call/governed-call.ts'
import { callJson } from '../output/call-result.ts'
import { costJson } from '../output/cost-text.ts'
import { printNextSteps } from '../output/next-steps.ts'
import { openSession, type Session } from '../session/session.ts'
import { inJob, resumeJob, startJob } from './job.ts'
import { makeCallsInTurn } from './make-calls.ts'
import { checkNamedFiles } from './named-files.ts'
import { cancelledRun, pausedJob } from './paused-job.ts'
import { inputsHash, type PlannedRun } from './planned-run.ts'
import { runPoisoned } from './poisoned-run.ts'
import { recordedRun, type RunIds } from './recorded-run.ts'
import { overrideConfig, type RequestedOptions } from './requested-options.ts'
import { openRunClaims } from './run-claims.ts'

/**
 * What `ask`, `run` and `rerun` share: one recorded run, one job, one governed call for each subject in order. `taskPath` is
 * the task file as a lockfile names it; undefined for one that lies elsewhere.
 */
export async function runSubjects(
  command: string,
  context: CommandContext<RequestedOptions>,
  plan: (session: Session) => PlannedRun,
  taskPath?: string,
): Promise<number> {
  const { options, output } = context
  const root = workspaceOf(context)
  const interrupt = new AbortController()
  const onInterrupt = () => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const session = await openSession({
    root,
    variables: process.env,
    override: overrideConfig(options),
    ...(options.resume !== undefined && { resumedRun: options.resume }),
  })
  try {
    using claims = openRunClaims(session)
    if (options.resume !== undefined) claims.take(options.resume)
    // Printed when the end of the run is on record: a result that could not be recorded is none.
    let report = () => {}
    const paused = options.resume === undefined ? undefined : pausedJob(session, options.resume)
    const work = (ids: RunIds) => {
      const planned = plan(session)
      checkNamedFiles(session, planned.subjects)
      const runId = options.resume ?? ids.runId
      if (options.resume === undefined) claims.take(runId)
      if (session.jobs.isPoisoned(runId)) throw runPoisoned(runId)
      const runIds = [ids.runId, runId]
      const job = paused ? resumeJob(session, paused.jobId, runIds) : startJob(session, inputsHash(planned), runIds)
      const ended = inJob(session, job, async () => {
        const run = { command, context, taskPath, ids, runId, job, signal: interrupt.signal }
        const { exit, calls, finishedBefore } = await makeCallsInTurn(session, run, planned)
        report = () => {
          const finished = finishedBefore.map(({ mtId, callId }) => ({ mt_id: mtId, call_id: callId }))
          const patch = patchOf(session.state.database, runId)
          const cost = costState(session.state.database, runId)
          const named = {
            run_id: runId,
            ...(finished.length > 0 && { finished_before: finished }),
            ...(patch && { patch }),
            ...(cost && { cost: costJson(cost) }),
          }
          output.result({ ok: exit === EXIT_CODE.done, exit, ...named, ...resultOf(command, calls) })
          const callId = calls.at(-1)?.ids.callId
          printNextSteps(output, { runId, callId, hasPatch: patch !== undefined, workspace: context.workspace })
        }
        return exit
      })
      return ended.catch((error: unknown) => {
        throw endedFor(session, { runId, jobId: job.jobId }, error)
      })
    }
    const exit = await recordedRun(session, command, work, paused?.sessionId)
    report()
    return exit
  } finally {
    process.off('SIGINT', onInterrupt)
    await session.close()
  }
}

/** Whoever cancels a job stops its call by the fence, which does not know why. */
function endedFor(session: Session, { runId, jobId }: Record<'runId' | 'jobId', string>, error: unknown): unknown {
  const isCancelled = readJob(session.state.database, jobId)?.state === 'cancelled'
  if (!isCancelled || errorCode(error) !== 'JOB_POISONED') return error
  return cancelledRun(session, runId, EXIT_CODE.cancelled)
}

function resultOf(command: string, calls: readonly GovernedCall[]): object {
  const [first] = calls
  if (command === 'ask') return first ? callJson(first) : {}
  return { calls: calls.map((call) => callJson(call)) }
}
