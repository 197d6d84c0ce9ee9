import type { OpenRuns } from '../commands/open-runs.ts'
import { childRunsOf, findChildRun } from '../executor/child/child-runs.ts'
import { allEvents } from '../session/all-events.ts'
import { openJobIndex } from '../session/job-index.ts'
import { openRunIndex } from '../session/run-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** What one process recorded of a run. */
export interface RunPart {
  /** The id its events carry. */
  readonly runId: string
  /** The run, as `ctxlock runs` lists it. */
  readonly partOf: string
}

/** The parts of a run and then of its children, each in the order of the log. Throws `RUN_UNKNOWN`. */
export async function runParts({ session, engine }: OpenRuns, name: string): Promise<RunPart[]> {
  const child = await findChildRun(engine, name)
  const runId = child?.runId ?? openRunIndex(session.state.database, session.artifacts).find(name).run_id
  const children = await childRunsOf(engine, runId)
  const parts = [runId, ...children.map((run) => run.runId).toReversed()].flatMap((run) => partsOf(session, run))
  // A part in which a run made its child has events of both.
  const own = new Map(parts.toReversed().map((part) => [part.runId, part]))
  return parts.length > 0 ? [...own.values()].toReversed() : [{ runId, partOf: runId }]
}

/** A process that goes on with a run does it under the same job and an id of its own. */
function partsOf(session: StoredSession, partOf: string): RunPart[] {
  const jobs = openJobIndex(session.state.database).jobsOf(partOf)
  const events = [{ workflowRunId: partOf }, ...jobs.map((jobId) => ({ jobId }))].flatMap((filter) => [
    ...allEvents(session, filter),
  ])
  const ids = events
    .toSorted((one, other) => one.seq - other.seq)
    .flatMap(({ workflow_run_id }) => (workflow_run_id === undefined ? [] : [workflow_run_id]))
  return [...new Set(ids)].map((runId) => ({ runId, partOf }))
}
