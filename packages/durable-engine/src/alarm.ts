import type { Clock, Timers } from '@ctxlock/contracts/ports'

export interface Alarm {
  /** Rings at this time, or earlier; milliseconds since the Unix epoch. */
  setFor(time: number): void
  stop(): void
}

/**
 * One timer for everything that has a time. It rings at least every `everyMs`: so a clock that is set, or what other processes
 * wrote, is noticed. Whoever is rung says with `setFor` when the next time is.
 */
export function openAlarm(
  { clock, timers }: { readonly clock: Pick<Clock, 'now'>; readonly timers: Timers },
  everyMs: number,
  ring: () => void,
): Alarm {
  let armed: { readonly time: number; cancel(): void } | undefined
  return {
    setFor(time) {
      const now = clock.now()
      const next = Math.max(now, Math.min(time, now + everyMs))
      if (armed && armed.time <= next) return
      armed?.cancel()
      const cancel = timers.after(next - now, () => {
        armed = undefined
        ring()
      })
      armed = { time: next, cancel }
    },
    stop() {
      armed?.cancel()
      armed = undefined
    },
  }
}
