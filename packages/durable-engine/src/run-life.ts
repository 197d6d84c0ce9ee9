import { EngineError } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { heldRun, RunLost, RunStopped, type HeldRun } from './held-run.ts'
import { openWaits, type OpenWaits } from './open-waits.ts'
import type { RunOutcome } from './run-row.ts'

/** One time that a run is in the memory of this process: from taking it up to its end, to parking it, or to losing it. */
export interface RunLife {
  readonly held: HeldRun
  readonly waits: OpenWaits
  /** Aborted when the life is over. */
  readonly signal: AbortSignal
  /** Does what the workflow asked for. When the life is over, before or after, the workflow hears nothing any more. */
  operate<Result>(work: () => Result | Promise<Result>): Promise<Result>
  /** Looks whether waits are decided, and whether the run is still ours. */
  look(): void
  leave(fault?: Error): void
}

export interface LifeEnd {
  stop(outcome: RunOutcome): Promise<void>
  /** The life is over; `fault` is what kept it from going on, such as a full disk. */
  left(fault: Error | undefined): void
}

/** Made once: the stack of an error costs more than parking a run. */
const OVER = new RunLost()

export function beginLife(parts: EngineParts, runId: string, end: LifeEnd): RunLife {
  const { clock, nextTurn, runs, journal } = parts
  const waits = openWaits(journal, runId)
  const life = new AbortController()
  const held = heldRun(parts, runId, life.signal)
  let busy = 0
  let isSettling = false

  function leave(fault?: Error): void {
    if (life.signal.aborted) return
    life.abort(OVER)
    end.left(fault)
  }

  async function fail(error: unknown): Promise<void> {
    if (error instanceof RunStopped) await end.stop(error.outcome)
    else leave(error instanceof RunLost ? undefined : asError(error))
  }

  /** One at a time, and a turn later: a workflow that was just told something may be about to ask for more. */
  function settleSoon(): void {
    if (isSettling || life.signal.aborted || waits.size === 0) return
    isSettling = true
    nextTurn(() => void settle())
  }

  /** Tells what was decided; when nothing was, and nothing is under way but waits, the run is parked. */
  async function settle(): Promise<void> {
    try {
      const decided = await held.write(() => {
        if (busy === 0) held.demandGoingOn()
        const found = waits.decide(clock.now())
        if (found.size > 0 || busy > 0) return found
        runs.park(runId, waits.list())
        return 'parked'
      })
      isSettling = false
      if (decided === 'parked') return leave()
      if (life.signal.aborted || decided.size === 0) return
      waits.settle(decided)
      settleSoon()
    } catch (error) {
      await fail(error)
    }
  }

  return {
    held,
    waits,
    signal: life.signal,
    leave,
    look() {
      try {
        const { state, owner } = runs.standing(runId)
        if (state !== 'running' || owner !== parts.owner.id) leave()
        else settleSoon()
      } catch (error) {
        leave(asError(error))
      }
    },
    async operate(work) {
      if (life.signal.aborted) return never()
      busy += 1
      try {
        const result = await work()
        return life.signal.aborted ? await never() : result
      } catch (error) {
        if (life.signal.aborted) return never()
        if (isForWorkflow(error)) throw error
        await fail(stoppedBy(error))
        return never()
      } finally {
        busy -= 1
        if (busy === 0) settleSoon()
      }
    },
  }
}

/** A workflow is left where it is by a promise of its own that is never settled: nobody holds it, so both are freed. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** A workflow that is played with another input would go astray silently, so it is not asked what to do about it. */
function stoppedBy(error: unknown): unknown {
  if (!(error instanceof EngineError && error.code === 'NON_DETERMINISM')) return error
  const { name, code, message } = error
  return new RunStopped({ state: 'failed', error: { name, code, message } })
}

const NOT_FOR_WORKFLOW: ReadonlySet<string> = new Set(['NON_DETERMINISM', 'INSIDE_TRANSACTION', 'STATE_CORRUPT'])

function isForWorkflow(error: unknown): boolean {
  return error instanceof EngineError && !NOT_FOR_WORKFLOW.has(error.code)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Something was thrown that is no error.')
}
