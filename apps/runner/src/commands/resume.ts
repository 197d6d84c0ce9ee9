import type { RunRequest } from '@ctxlock/contracts/call'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { findChildRun } from '../executor/child/child-runs.ts'
import { partOfRun } from '../executor/child/part-of-run.ts'
import { gateOf } from '../executor/gate-refusal.ts'
import { openRunControls } from '../executor/run-controls.ts'
import { withRuns } from '../run/open-runs.ts'
import { optionsOf, type RequestedOptions } from '../run/requested-options.ts'
import { runTaken } from '../run/run-claims.ts'
import { requestedWork } from '../run/run-request.ts'
import { runSubjects } from '../run/run-subjects.ts'
import { answerGate } from './answer-gate.ts'

/** `ctxlock resume`: goes on with a recorded run that waits for a person or was interrupted; what is finished is not repeated. */
export async function resume([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const root = workspaceOf(context)
  const request = await storedRequest(root, name, 'resumed')
  await letGoOn(root, request.run_id)
  const options: RequestedOptions = { ...optionsOf(request), ...context.options, resume: request.run_id }
  return runSubjects(
    request.options?.command ?? 'run',
    { ...context, options },
    (session) => ({
      ...requestedWork(session, request),
      without: request.without,
      ...(request.rerun_of !== undefined && { rerunOf: request.rerun_of }),
    }),
    request.options?.task_path,
  )
}

/**
 * Who paused a run, or asked for it, lets it go on by resuming it; every other gate asks for a decision. Throws `RUN_TAKEN` before anything of a run is
 * touched that another process works on.
 */
function letGoOn(root: string, runId: string): Promise<void> {
  return withRuns(root, async (runs) => {
    const run = await runs.engine.get(runId)
    if (run?.state === 'running') throw runTaken(runId)
    if (run && gateOf(run)?.reason === 'pause_requested') await answerGate(runs, runId, 'continue')
    // Asked of a process that died before it heard of it.
    const controls = openRunControls(runs.session.state.database)
    if (controls.of(runId) === 'pause') controls.clear(runId)
  })
}

/**
 * Read before the session is opened, because what the run was told decides how. `done` is what happens to it: who names a child is
 * told of the run that it is part of. Throws `RUN_UNKNOWN`, `RUN_IS_PART`.
 */
export function storedRequest(root: string, name: string, done: string): Promise<RunRequest> {
  return withRuns(root, async ({ engine, requests }) => {
    try {
      return requests.find(name)
    } catch (error) {
      const child = await findChildRun(engine, name)
      throw child ? partOfRun(child, done) : error
    }
  })
}
