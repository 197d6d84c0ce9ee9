import type { ModelSession } from '@ctxlock/contracts/model-session'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { childRunsOf } from '../executor/child/child-runs.ts'
import { findExecutorJob } from '../executor/executor-job.ts'
import { runView, type RunView } from '../executor/run-view.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { runJson, statusLines } from '../output/run-status-lines.ts'
import { withRuns } from '../run/open-runs.ts'
import type { ModelSessions } from '../session/model-sessions.ts'

/** `ctxlock status`: where one run stands and what to do next. */
export function status([name = 'last']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, engine, find }) => {
    const view = runView(session.state, await find(name))
    const children = (await childRunsOf(engine, view.runId)).map((child) => runView(session.state, child))
    const job = findExecutorJob(session, view.runId)
    const modelSessions = sessionsOf(session.modelSessions, view)
    output.result({
      ok: true,
      ...runJson(view),
      ...(job && { job }),
      ...(children.length > 0 && { children: children.map(runJson) }),
      model_sessions: modelSessions,
    })
    for (const line of statusLines(view, { children, modelSessions })) output.line(line)
    return EXIT_CODE.done
  })
}

/** Those of a run and its children; of a child its own one. */
function sessionsOf(sessions: ModelSessions, { runId, parent }: RunView): readonly ModelSession[] {
  if (parent === undefined) return sessions.ofRun(runId)
  const own = sessions.find(runId)
  return own ? [own] : []
}
