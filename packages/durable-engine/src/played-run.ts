import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { RunLost } from './held-run.ts'
import { endRun } from './run-end.ts'
import { failureOf } from './run-failure.ts'
import { beginLife, type LifeEnd, type RunLife } from './run-life.ts'
import type { RunOutcome } from './run-row.ts'
import { stepRunner } from './step-runner.ts'
import { toStoredJson } from './stored-json.ts'
import { workflowContext } from './workflow-context.ts'

/** Plays the workflow of a claimed run from its start: through what is in the journal, then on. */
export function playRun(
  parts: EngineParts,
  definition: WorkflowDefinition,
  { runId, input }: RunInfo,
  left: LifeEnd['left'],
): RunLife {
  const life = beginLife(parts, runId, { stop, left })
  const context = workflowContext(parts, life, stepRunner(parts, definition, life))

  async function play(): Promise<void> {
    const outcome = await outcomeOf(() => definition.run(context, input))
    if (!life.signal.aborted) await stop(outcome)
  }

  async function stop(outcome: RunOutcome): Promise<void> {
    try {
      await parts.commits.write(() => {
        const { state, owner, reason } = parts.runs.standing(runId)
        if (life.signal.aborted || state !== 'running' || owner !== parts.owner.id) throw new RunLost()
        const error = parts.fence(parts.database, runId)
        if (error) endRun(parts, definition, runId, { state: 'failed', error })
        else if (reason !== undefined) endRun(parts, definition, runId, { state: 'cancelled', reason })
        else endRun(parts, definition, runId, outcome)
      })
      life.leave()
    } catch (error) {
      life.leave(error instanceof RunLost || !(error instanceof Error) ? undefined : error)
    }
  }

  void play()
  return life
}

async function outcomeOf(work: () => Promise<unknown>): Promise<RunOutcome> {
  try {
    const result = await work()
    return { state: 'completed', result: JSON.parse(toStoredJson(result, 'the result of the run').text) }
  } catch (error) {
    return { state: 'failed', error: failureOf(error) }
  }
}
