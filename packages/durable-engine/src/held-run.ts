import type { EngineParts } from './engine-parts.ts'
import type { WriteOptions } from './group-commit.ts'
import type { RunOutcome } from './run-row.ts'

/** The run is not ours any more: it was ended, or another process works on it. Nothing is to be said about it. */
export class RunLost extends Error {
  override readonly name = 'RunLost'
}

/** The run ends here, whatever its workflow would do next. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  readonly outcome: RunOutcome

  constructor(outcome: RunOutcome) {
    super(`The run ends as ${outcome.state}.`)
    this.outcome = outcome
  }
}

/** The permission of one life of a run to write in its name: it ends with the life, also when this process takes the run up again. */
export interface HeldRun {
  readonly runId: string
  /** Before something begins: also a request to cancel ends the run. Throws `RunLost` and `RunStopped`. */
  demandGoingOn(): void
  /** `work` in a transaction of a run that is still ours and may write. Throws `RunLost`, `RunStopped`, and what `work` throws. */
  write<Result>(work: () => Result, options?: WriteOptions): Promise<Result>
}

export function heldRun(
  { database, owner, fence, runs, commits }: EngineParts,
  runId: string,
  life: AbortSignal,
): HeldRun {
  function demandHeld(): { readonly reason: string | undefined } {
    const { state, owner: holder, reason } = runs.standing(runId)
    if (life.aborted || state !== 'running' || holder !== owner.id) throw new RunLost()
    const error = fence(database, runId)
    if (error) throw new RunStopped({ state: 'failed', error })
    return { reason }
  }

  return {
    runId,
    demandGoingOn() {
      const { reason } = demandHeld()
      if (reason !== undefined) throw new RunStopped({ state: 'cancelled', reason })
    },
    write: (work, options) =>
      commits.write(() => {
        demandHeld()
        return work()
      }, options),
  }
}
