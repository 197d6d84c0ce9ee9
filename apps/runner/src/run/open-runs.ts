import type { DurableEngine, RunInfo } from '@ctxlock/contracts/engine'
import { openEngine } from '@ctxlock/durable-engine'
import { prepareTables } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { findChildRun } from '../executor/child/child-runs.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { openJobIndex, type JobIndex } from '../session/job-index.ts'
import { openRunIndex, type RunIndex } from '../session/run-index.ts'
import { openStoredSession, type StoredSession } from '../session/stored-session.ts'
import { lookingOwner, openRunOwner } from '../workspace/run-owner.ts'

/** What commands that look at runs, and do not work on them, need. */
export interface OpenRuns {
  readonly session: StoredSession
  readonly engine: DurableEngine
  readonly jobs: Pick<JobIndex, 'isPoisoned' | 'isCancelled' | 'isParked'>
  readonly requests: Pick<RunIndex, 'find' | 'get'>
  /** By its id, a unique beginning of it, or `last`, which is never a child. Throws `RUN_UNKNOWN`. */
  find(name: string): Promise<RunInfo>
}

/** Opens the runs of a workspace for one look. What dead processes held is given free first; nothing is taken up. */
export async function withRuns<Result>(root: string, look: (runs: OpenRuns) => Promise<Result>): Promise<Result> {
  // Whatever cannot be opened, what was opened before it is given free.
  await using held = new AsyncDisposableStack()
  const session = held.adopt(openStoredSession(root, process.env), ({ close }) => close())
  const { database, folder, isCopy } = session.state
  prepareTables(database)
  const openOwner = isCopy ? lookingOwner : openRunOwner
  const owner = held.adopt(openOwner(folder, nodeEnvironment.random.uuid()), ({ close }) => close())
  const engine = held.adopt(openEngine({ database, environment: nodeEnvironment, owner }), ({ close }) => close())
  const requests = openRunIndex(database, session.artifacts)
  await engine.serve({ runs: [] })
  return await look({
    session,
    engine,
    jobs: openJobIndex(database),
    requests,
    async find(name) {
      const child = await findChildRun(engine, name)
      if (child) return child
      const { run_id } = requests.find(name)
      const run = await engine.get(run_id)
      if (run) return run
      throw refusedBefore(run_id)
    },
  })
}

function refusedBefore(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'RUN_UNKNOWN',
    message: `run ${runId} was refused before it began: there is nothing to go on with, to decide or to apply`,
    hint: 'Correct what it was refused for and run the task again; `ctxlock runs` lists the runs that began.',
  })
}
