import type { EngineOptions } from '../../src/index.ts'
import { randomFrom } from './seeded-random.ts'

export interface VirtualTime extends Omit<EngineOptions, 'database'> {
  /** Milliseconds since the epoch as the engine sees them; setting it is what a person does to a clock. */
  now: number
  /** Runs the timer that is next, after everything that is possible without time; false when there is none before `end`. */
  step(end: number): Promise<boolean>
  /** Lets time pass with all that happens in it. */
  pass(milliseconds: number): Promise<void>
  /** A killed process has no timers. */
  forget(): void
  readonly elapsed: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that moves only when it is told to. Timers run by elapsed time, which setting the clock does not change. */
export function virtualTime(start: number, seed = 1): VirtualTime {
  const random = randomFrom(seed)
  let timers: Timer[] = []
  let elapsed = 0
  let order = 0
  const time: VirtualTime = {
    now: start,
    get elapsed() {
      return elapsed
    },
    environment: {
      clock: { now: () => time.now },
      random: { uuid: () => `owner-${(order += 1)}`, fraction: random },
      timers: {
        after(milliseconds, callback) {
          const timer = { at: elapsed + milliseconds, order: (order += 1), callback }
          timers.push(timer)
          return () => (timers = timers.filter((other) => other !== timer))
        },
      },
    },
    async step(end) {
      await nothingLeft()
      let next: Timer | undefined
      for (const timer of timers)
        if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer
      if (!next || next.at > end) return false
      timers = timers.filter((other) => other !== next)
      time.now += Math.max(0, next.at - elapsed)
      elapsed = Math.max(elapsed, next.at)
      next.callback()
      return true
    },
    async pass(milliseconds) {
      const end = elapsed + milliseconds
      while (await time.step(end));
      time.now += end - elapsed
      elapsed = end
    },
    forget() {
      timers = []
    },
  }
  return time
}

/** All promises that can go on have gone on. */
function nothingLeft(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
