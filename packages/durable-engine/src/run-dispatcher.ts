import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'

import { openAlarm } from './alarm.ts'
import type { EngineParts } from './engine-parts.ts'
import { lineOf } from './identifier.ts'
import { decisionOf } from './open-waits.ts'
import { playRun } from './played-run.ts'
import { endRun } from './run-end.ts'
import type { RunLife } from './run-life.ts'

/** Takes up runs that are pending, up to a number at a time, and wakes those whose time has come. */
export interface RunDispatcher {
  register(definition: WorkflowDefinition): void
  definitionOf(workflow: string): WorkflowDefinition | undefined
  /** From now on, all runs or only these and what is added to them. */
  serve(runs: readonly string[] | undefined): void
  include(runId: string): void
  /** True when this engine can work on a run of that workflow at once; then it must be begun after it was written down as ours. */
  reserve(runId: string): boolean
  unreserve(runId: string): void
  begin(run: RunInfo): void
  isServing(): boolean
  /** True for a run that is in memory here. */
  has(runId: string): boolean
  /** Wakes parked runs whose time has come; inside a transaction. */
  wakeDue(): void
  /** Takes up what is ready now. */
  dispatch(): void
  /** Lets a run that is in memory here see what was written about it. */
  look(runId: string): void
  /** What kept a run from going on here, although it has not ended. */
  faultOf(runId: string): Error | undefined
  forgetFault(runId: string): void
  stop(): void
}

export interface DispatcherOptions {
  /** Runs in memory at a time. A parked run is in nobody's memory. */
  readonly concurrency: number
  readonly lookEveryMs: number
  /** A run ended, was parked or was lost here; without an id: look at all. */
  changed(runId?: string): void
}

const DUE_AT_A_TIME = 500

export function openDispatcher(parts: EngineParts, options: DispatcherOptions): RunDispatcher {
  const { clock, runs, journal, commits, owner, fence, database } = parts
  const definitions = new Map<string, WorkflowDefinition>()
  const lives = new Map<string, RunLife>()
  const reserved = new Set<string>()
  const faults = new Map<string, Error>()
  let isDispatching = false
  let served: 'none' | 'all' | Set<string> = 'none'
  const alarm = openAlarm(parts, options.lookEveryMs, () => void ring())

  function dispatch(): void {
    if (served === 'none') return
    const taken = lives.size + reserved.size
    if (taken >= options.concurrency) return
    const lines = [...definitions.values()].map(({ name, version }) => lineOf(name, version))
    // Those of ours may be among them: a run can be pending again before its life here is over.
    for (const runId of runs.pending(lines, served === 'all' ? undefined : [...served], options.concurrency + taken)) {
      if (lives.size + reserved.size >= options.concurrency) return
      if (lives.has(runId) || reserved.has(runId)) continue
      reserved.add(runId)
      void takeUp(runId)
    }
  }

  /** Many runs leave after one commit. */
  function dispatchSoon(): void {
    if (isDispatching) return
    isDispatching = true
    queueMicrotask(() => {
      isDispatching = false
      try {
        dispatch()
      } catch {
        // As when it rings.
      }
    })
  }

  async function takeUp(runId: string): Promise<void> {
    try {
      const run = await commits.write(() => claim(runId))
      if (run) begin(run)
      else reserved.delete(runId)
    } catch (error) {
      reserved.delete(runId)
      if (error instanceof Error) faults.set(runId, error)
    }
    options.changed(runId)
  }

  /** A run that is to be cancelled, or may write no more, ends instead of being taken up. */
  function claim(runId: string): RunInfo | undefined {
    const run = runs.info(runId)
    const definition = definitions.get(run.workflow)
    if (!definition || !runs.claim(runId, owner.id)) return undefined
    const error = fence(database, runId)
    if (error) endRun(parts, definition, runId, { state: 'failed', error })
    else if (run.reason !== undefined) endRun(parts, definition, runId, { state: 'cancelled', reason: run.reason })
    else return run
    return undefined
  }

  function begin(run: RunInfo): void {
    const { runId, workflow } = run
    reserved.delete(runId)
    const definition = definitions.get(workflow)
    if (!definition || served === 'none') return
    const life = playRun(parts, definition, run, (fault) => {
      lives.delete(runId)
      if (fault) faults.set(runId, fault)
      if (served === 'none') return
      setAlarm()
      dispatchSoon()
      options.changed(runId)
    })
    lives.set(runId, life)
  }

  async function ring(): Promise<void> {
    if (served === 'none') return
    try {
      if ((runs.nearestDue() ?? Infinity) <= clock.now()) await commits.write(wakeDue)
      for (const life of lives.values()) life.look()
      dispatch()
      options.changed()
    } catch {
      // The file cannot be read or written: what is under way finds out by itself, and the next ring tries again.
    }
    setAlarm()
  }

  function wakeDue(): void {
    const now = clock.now()
    for (const { runId, waits } of runs.due(now, DUE_AT_A_TIME)) {
      for (const wait of waits) decisionOf(journal, runId, wait, now)
      runs.wake(runId)
    }
  }

  function setAlarm(): void {
    if (served !== 'none') alarm.setFor(nextDue())
  }

  function nextDue(): number {
    try {
      return runs.nearestDue() ?? Infinity
    } catch {
      return Infinity
    }
  }

  return {
    register: (definition) => void definitions.set(definition.name, definition),
    definitionOf: (workflow) => definitions.get(workflow),
    serve(only) {
      if (only === undefined) served = 'all'
      else if (served === 'none') served = new Set(only)
      else if (served !== 'all') for (const runId of only) served.add(runId)
      setAlarm()
      dispatch()
    },
    include: (runId) => void (served instanceof Set && served.add(runId)),
    reserve(runId) {
      if (served === 'none' || reserved.has(runId) || lives.size + reserved.size >= options.concurrency) return false
      reserved.add(runId)
      return true
    },
    unreserve: (runId) => void reserved.delete(runId),
    begin,
    isServing: () => served !== 'none',
    has: (runId) => lives.has(runId) || reserved.has(runId),
    wakeDue,
    dispatch,
    look: (runId) => lives.get(runId)?.look(),
    faultOf: (runId) => faults.get(runId),
    forgetFault: (runId) => void faults.delete(runId),
    stop() {
      served = 'none'
      alarm.stop()
      for (const life of lives.values()) life.leave()
    },
  }
}
