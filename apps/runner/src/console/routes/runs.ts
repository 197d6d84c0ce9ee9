import { RUN_STATES, type RunsPage, type RunSummary } from '@ctxlock/console'
import { Hono } from 'hono'
import { z } from 'zod'

import { withRuns, type OpenRuns } from '../../commands/open-runs.ts'
import { runView, type RunView } from '../../executor/run-view.ts'
import { openRunIndex } from '../../session/run-index.ts'
import { requestBody } from '../request-body.ts'

const PAGE = 50

const RunsQuestion = z.strictObject({
  state: z.enum(RUN_STATES).exactOptional(),
  before: z.uuid().exactOptional(),
})

/** The runs of the workspace. */
export function runRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/list', async (context) => {
    const question = await requestBody(context, RunsQuestion)
    return context.json(await withRuns(root, (runs) => runsPage(runs, question)))
  })
  return routes
}

/** Reads on until the page is full: what state a run is in is not known to the database alone. */
async function runsPage(runs: OpenRuns, { state, before }: z.infer<typeof RunsQuestion>): Promise<RunsPage> {
  const found: RunSummary[] = []
  let cursor = before
  for (;;) {
    const read = await runs.engine.list({ limit: PAGE, ...(cursor !== undefined && { before: cursor }) })
    for (const run of read) {
      const view = runView(runs.session.state, run)
      if (state !== undefined && view.state !== state) continue
      found.push(summaryOf(runs, view))
      if (found.length === PAGE) return { runs: found, next: run.runId }
    }
    cursor = read.at(-1)?.runId
    if (read.length < PAGE) return { runs: found, next: null }
  }
}

function summaryOf({ session }: OpenRuns, { runId, command, state, startedAt }: RunView): RunSummary {
  return { run_id: runId, command, state, started_at: startedAt, title: titleOf(session, runId) }
}

function titleOf({ state, artifacts }: OpenRuns['session'], runId: string): string {
  const [subject] = openRunIndex(state.database, artifacts).find(runId).subjects
  return (subject?.question ?? '').slice(0, 200)
}
