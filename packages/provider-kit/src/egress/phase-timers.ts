import type { Timers } from '@ctxlock/contracts/ports'
import type { ProviderTimeouts } from '@ctxlock/contracts/provider'

export type Phase = 'connect' | 'first_byte' | 'idle' | 'total'

/** PROV-021, in milliseconds. */
export const DEFAULT_TIMEOUTS = { connect_ms: 5000, first_byte_ms: 30_000, idle_ms: 30_000, total_ms: 120_000 } as const

export interface PhaseTimers {
  /** Ends the phase before and starts this one. */
  enter(phase: Exclude<Phase, 'total'>): void
  /** Ends the running phase; the total keeps running. */
  pause(): void
  stop(): void
}

/** Watches one request: the total from now on, and one phase at a time. `expired` is called at most once. */
export function startPhaseTimers(
  timers: Timers,
  timeouts: ProviderTimeouts,
  expired: (phase: Phase, limitMs: number) => void,
): PhaseTimers {
  const limits = { ...DEFAULT_TIMEOUTS, ...timeouts }
  const noTimer = (): void => {}
  let cancelPhase = noTimer
  let stopped = false
  const cancelTotal = timers.after(limits.total_ms, () => expire('total', limits.total_ms))
  const stop = (): void => {
    stopped = true
    cancelPhase()
    cancelTotal()
  }
  const expire = (phase: Phase, limitMs: number): void => {
    stop()
    expired(phase, limitMs)
  }
  return {
    enter(phase) {
      cancelPhase()
      // A connection may come up after its request was given up.
      if (stopped) return
      const limitMs = limits[`${phase}_ms`]
      cancelPhase = timers.after(limitMs, () => expire(phase, limitMs))
    },
    pause() {
      cancelPhase()
      cancelPhase = noTimer
    },
    stop,
  }
}
