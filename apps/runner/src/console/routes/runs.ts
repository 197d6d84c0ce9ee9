import { RUN_STATES, type RunDetail, type RunsPage, type RunSummary } from '@ctxlock/console'
import type { RunInfo } from '@ctxlock/contracts/engine'
import { Hono } from 'hono'
import { z } from 'zod'

import { withRuns, type OpenRuns } from '../../commands/open-runs.ts'
import { childRunsOf, parentRunOf } from '../../executor/child/child-runs.ts'
import { runState, runView } from '../../executor/run-view.ts'
import { costText } from '../../output/cost-text.ts'
import { requestBody } from '../request-body.ts'
import { runTitle } from '../run-title.ts'

const PAGE = 50
/** A search looks at so many runs at a time; whoever wants to looks further back. */
const LOOKED_AT = 2000

const RunsQuestion = z.strictObject({
  state: z.enum(RUN_STATES).exactOptional(),
  words: z.string().max(200).exactOptional(),
  before: z.uuid().exactOptional(),
})

/** The runs of the workspace, page by page, and one of them. */
export function runRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/list', async (context) => {
    const question = await requestBody(context, RunsQuestion)
    return context.json(await withRuns(root, (runs) => runsPage(runs, question)))
  })
  routes.get('/:id', async (context) => {
    const id = context.req.param('id')
    return context.json(await withRuns(root, async (runs) => runDetail(runs, await runs.find(id))))
  })
  return routes
}

/** Reads on until the page is full: neither the state of a run nor what it was asked is known to the engine. */
async function runsPage(runs: OpenRuns, { state, words, before }: z.infer<typeof RunsQuestion>): Promise<RunsPage> {
  const wanted = words?.trim().toLowerCase() ?? ''
  const found: RunSummary[] = []
  let next = before
  for (let looked = 0; looked < LOOKED_AT; looked += PAGE) {
    const read = await runs.engine.list({ limit: PAGE, ...(next !== undefined && { before: next }) })
    for (const run of read) {
      next = run.runId
      if (state !== undefined && runState(runs.session.state, run) !== state) continue
      const summary = summaryOf(runs, run)
      if (!summary.run_id.startsWith(wanted) && !summary.title.toLowerCase().includes(wanted)) continue
      found.push(summary)
      if (found.length === PAGE) return { runs: found, next: run.runId }
    }
    if (read.length < PAGE) return { runs: found, next: null }
  }
  return { runs: found, next: next ?? null }
}

function summaryOf({ session }: OpenRuns, run: RunInfo): RunSummary {
  const parent = parentRunOf(run)
  return {
    run_id: run.runId,
    command: run.workflow,
    state: runState(session.state, run),
    started_at: new Date(run.startedAt).toISOString(),
    title: runTitle(session, run.runId) ?? (parent === undefined ? run.workflow : `for run ${parent.slice(0, 8)}`),
    parent_run: parent ?? null,
  }
}

async function runDetail(runs: OpenRuns, run: RunInfo): Promise<RunDetail> {
  const { state } = runs.session
  const view = runView(state, run)
  const children = await childRunsOf(runs.engine, run.runId)
  return {
    ...summaryOf(runs, run),
    error: view.error ?? null,
    gate: view.gate ? { mt_id: view.gate.mtId, why: view.gate.why } : null,
    next: view.next,
    consents: view.consents.map(({ requestId, modelId, bytes }) => ({
      request_id: requestId,
      model_id: modelId,
      bytes,
    })),
    children: children.map((child) => ({ run_id: child.runId, state: runState(state, child) })),
    micro_tasks: (view.progress?.micro_tasks ?? []).map(({ mt_id, name, status, iterations }) => ({
      mt_id,
      name,
      status,
      iterations: iterations.length,
      error: iterations.at(-1)?.error_summary ?? null,
    })),
    cost: view.cost ? costText(view.cost) : null,
  }
}
