import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { parentRunOf } from '../executor/child/child-runs.ts'
import { partOfRun } from '../executor/child/part-of-run.ts'
import { openRunControls } from '../executor/run-controls.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { withRuns } from '../run/open-runs.ts'

/** `ctxlock pause`: the run waits when the iteration under way is finished, until it is resumed. */
export function pause([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, find }) => {
    const run = await find(name)
    if (parentRunOf(run) !== undefined) throw partOfRun(run, 'paused')
    const { runId, state } = run
    if (state !== 'running') throw notRunning(runId, state)
    openRunControls(session.state.database).ask(runId, 'pause')
    output.result({ ok: true, run_id: runId, requested: 'pause' })
    output.line(
      `asked      ${runId} waits when its iteration is finished; \`ctxlock resume ${runId.slice(0, 8)}\` goes on`,
    )
    return EXIT_CODE.done
  })
}

function notRunning(runId: string, state: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_NOT_RUNNING',
    message: `no process works on the run ${runId}; it is ${state === 'pending' ? 'interrupted' : state}`,
    hint: `Look at it with \`ctxlock status ${runId.slice(0, 8)}\`.`,
  })
}
