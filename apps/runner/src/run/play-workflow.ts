import { assertNotPoisoned } from '@ctxlock/ace-validators/poisoning'
import type { RunFailure, RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'
import { openEngine } from '@ctxlock/durable-engine'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import { openRunOwner } from '../workspace/run-owner.ts'
import type { Job } from './job.ts'

export interface PlayedWorkflow {
  readonly runId: string
  /** The run has to be there already. */
  readonly resumed: boolean
  readonly job: Job
  readonly workflow: WorkflowDefinition
  readonly input: JsonValue
}

/**
 * Plays the workflow of one run until it has ended or waits for a person: a run that was killed or failed goes on where it was, with
 * the same input only. A step is on record only if the job may still change something when the step ends. Throws `RUN_UNKNOWN` and
 * what the engine throws, `RUN_TAKEN` among it.
 */
export async function playWorkflow(session: Session, played: PlayedWorkflow): Promise<RunInfo> {
  const { runId, resumed, job, workflow, input } = played
  const { database, unsynced } = session.state
  assertNotPoisoned(database, job.fence)
  // A process that lives on after a disk failed here must not keep the lock of an owner that works on nothing.
  using opened = new DisposableStack()
  const owner = opened.adopt(openRunOwner(session.state.folder, session.environment.random.uuid()), (it) => it.close())
  const engine = openEngine({
    database,
    environment: session.environment,
    owner,
    unsynced,
    fence: () => fenceFailure(() => assertNotPoisoned(database, job.fence)),
  })
  engine.register(workflow)
  try {
    if (resumed) demandKnown(session, played, await engine.get(runId))
    await engine.serve({ runs: [runId] })
    // The engine asks the fence for what a run writes, not for the run itself.
    assertNotPoisoned(database, job.fence)
    const { created } = await engine.start(workflow.name, input, { runId })
    if (!created && (await engine.get(runId))?.state === 'failed') await engine.resume(runId)
    return await engine.ended(runId, { orWaiting: true })
  } finally {
    await engine.close()
  }
}

/** Why a run ended that did not complete, where the process that ended it is gone. */
export function notCompleted({ runId, state, error, reason }: RunInfo): CommandError {
  if (state === 'cancelled') {
    return new CommandError({
      exit: EXIT_CODE.cancelled,
      code: 'RUN_CANCELLED',
      message: `the run ${runId} was cancelled: ${reason ?? 'no reason was given'}`,
      hint: 'That is final. Start a new run.',
    })
  }
  return new CommandError({
    exit: error?.code === 'JOB_POISONED' ? EXIT_CODE.poisoned : EXIT_CODE.failed,
    code: error?.code ?? 'RUN_FAILED',
    message: error?.message ?? `the run ${runId} failed`,
    hint: 'Start a new run.',
  })
}

function fenceFailure(ask: () => void): RunFailure | undefined {
  try {
    ask()
    return undefined
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'JOB_POISONED')) throw error
    return { name: error.name, code: error.code, message: error.message }
  }
}

/** A process may have died after it wrote down what was asked, and before it began: the run is known, and begins now. */
function demandKnown({ runs }: Session, { runId, workflow }: PlayedWorkflow, run: RunInfo | undefined): void {
  if (run ? run.workflow !== workflow.name : runs.find(runId).run_id !== runId) throw unknownRun(runId)
}

function unknownRun(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'RUN_UNKNOWN',
    message: `--resume expects the whole id of a recorded run; ${runId === '' ? 'an empty id' : runId} is none`,
    hint: 'The id is printed when a run starts.',
  })
}
