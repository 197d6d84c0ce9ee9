import { setImmediate as turnOfOthers } from 'node:timers/promises'

import { RUN_STATES, type RunDetail, type RunsPage, type RunsQuestion, type RunSummary } from '@ctxlock/console'
import type { RunInfo } from '@ctxlock/contracts/engine'
import { Hono } from 'hono'
import { z } from 'zod'

import { childRunsOf, parentRunOf } from '../../executor/child/child-runs.ts'
import { runState, runView } from '../../executor/run-view.ts'
import { costText } from '../../output/cost-text.ts'
import { withRuns, type OpenRuns } from '../../run/open-runs.ts'
import { requestBody } from '../request-body.ts'
import { runTitle } from '../run-title.ts'

const PAGE = 50
/** So long a search looks back; whoever wants to looks further. */
const SEARCH_MS = 1000

const Question = z.strictObject({
  state: z.enum(RUN_STATES).exactOptional(),
  words: z.string().max(200).exactOptional(),
  before: z.uuid().exactOptional(),
})

/** The runs of the workspace, page by page, and one of them. */
export function runRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/list', async (context) => {
    const question = await requestBody(context, Question)
    return context.json(await withRuns(root, (runs) => runsPage(runs, question, context.req.raw.signal)))
  })
  routes.get('/:id', async (context) => {
    const id = context.req.param('id')
    return context.json(await withRuns(root, async (runs) => runDetail(runs, await runs.find(id))))
  })
  return routes
}

/**
 * Reads on until the page is full, the time is over or nobody waits any more: neither the state of a run nor what it was asked is
 * known to the engine. Between two reads others are answered.
 */
async function runsPage(runs: OpenRuns, question: RunsQuestion, signal: AbortSignal): Promise<RunsPage> {
  const until = performance.now() + SEARCH_MS
  const wanted = question.words?.trim().toLowerCase() ?? ''
  const found: RunSummary[] = []
  let next = question.before
  let lookedAt = 0
  do {
    const read = await runs.engine.list({ limit: PAGE, ...(next !== undefined && { before: next }) })
    for (const run of read) {
      next = run.runId
      lookedAt += 1
      if (question.state !== undefined && runState(runs.jobs, run) !== question.state) continue
      const summary = summaryOf(runs, run)
      if (isNamedBy(wanted, summary)) found.push(summary)
      if (found.length === PAGE) return { runs: found, looked_at: lookedAt, next: run.runId }
    }
    if (read.length < PAGE) return { runs: found, looked_at: lookedAt, next: null }
    await turnOfOthers()
  } while (performance.now() < until && !signal.aborted)
  return { runs: found, looked_at: lookedAt, next: next ?? null }
}

function isNamedBy(words: string, { run_id, title }: RunSummary): boolean {
  return run_id.startsWith(words) || title.toLowerCase().includes(words)
}

function summaryOf({ jobs, requests }: OpenRuns, run: RunInfo): RunSummary {
  const parent = parentRunOf(run)
  return {
    run_id: run.runId,
    command: run.workflow,
    state: runState(jobs, run),
    started_at: new Date(run.startedAt).toISOString(),
    title: runTitle(requests, run.runId) ?? (parent === undefined ? run.workflow : `for run ${parent.slice(0, 8)}`),
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
    children: children.map((child) => ({ run_id: child.runId, state: runState(runs.jobs, child) })),
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
