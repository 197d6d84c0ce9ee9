import { Uuid } from '@ctxlock/contracts/primitives'

import { childRunsOf, findChildRun } from '../executor/child/child-runs.ts'
import type { OpenRuns } from '../run/open-runs.ts'
import { recordedAs } from '../session/recorded-as.ts'
import { openRunIndex } from '../session/run-index.ts'

/** What one process recorded of a run. */
export interface RunPart {
  /** The id its events carry. */
  readonly runId: string
  /** The run, as `ctxlock runs` lists it. */
  readonly partOf: string
}

/** The parts of a run and then of its children, each in the order of the log. Throws `RUN_UNKNOWN` and `PAYLOAD_ERASED`. */
export async function runParts({ session, engine }: OpenRuns, name: string): Promise<RunPart[]> {
  const child = await findChildRun(engine, name)
  // By its whole id also a run whose request was erased.
  const isWhole = Uuid.safeParse(name).success && recordedAs(session, name).length > 0
  const found = () => (isWhole ? name : openRunIndex(session.state.database, session.artifacts).find(name).run_id)
  const runId = child?.runId ?? found()
  const children = await childRunsOf(engine, runId)
  const parts = [runId, ...children.map((run) => run.runId).toReversed()].flatMap((partOf) =>
    recordedAs(session, partOf).map((id) => ({ runId: id, partOf })),
  )
  // A part in which a run made its child has events of both.
  const own = new Map(parts.toReversed().map((part) => [part.runId, part]))
  return parts.length > 0 ? [...own.values()].toReversed() : [{ runId, partOf: runId }]
}
