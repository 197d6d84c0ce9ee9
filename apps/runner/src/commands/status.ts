import { runView } from '../executor/run-view.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { runJson, statusLines } from '../output/run-lines.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { withRuns } from './open-runs.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock status`: where one run stands and what to do next. */
export function status([name = 'last']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, find }) => {
    const view = runView(session.state.folder, await find(name))
    output.result({ ok: true, ...runJson(view) })
    for (const line of statusLines(view)) output.line(line)
    return EXIT_CODE.done
  })
}
