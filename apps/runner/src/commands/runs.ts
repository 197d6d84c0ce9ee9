import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { runView } from '../executor/run-view.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { runJson, runLine } from '../output/run-status-lines.ts'
import { withRuns } from '../run/open-runs.ts'

const SHOWN = 50

/** `ctxlock runs`: the newest runs, one a line. */
export function runs(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, engine }) => {
    const views = (await engine.list({ limit: SHOWN })).map((run) => runView(session.state, run))
    output.result({ ok: true, runs: views.map(runJson) })
    for (const view of views) output.line(runLine(view))
    if (views.length === 0) output.line('no run is recorded here')
    return EXIT_CODE.done
  })
}
