import type { EngineOptions } from '../../src/index.ts'
import { randomFrom } from './seeded-random.ts'

export interface VirtualTime {
  /** Milliseconds since the epoch as every process sees them; setting it is what a person does to a clock. */
  now: number
  /** The latest that the clock ever showed. */
  readonly latest: number
  /** A new process, with timers of its own. */
  process(): VirtualProcess
  /** Runs the timer that is next, after everything that is possible without time; false when there is none before `end`. */
  step(end?: number): Promise<boolean>
  /** Lets time pass with all that happens in it. */
  pass(milliseconds: number): Promise<void>
}

export interface VirtualProcess {
  readonly environment: EngineOptions['environment']
  /** How many timers it has. */
  readonly timers: number
  /** A killed process has no timers. */
  kill(): void
  /** A stopped one has them when it goes on. */
  setStopped(isStopped: boolean): void
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that moves only when it is told to. Timers run by elapsed time, which setting the clock does not change. */
export function virtualTime(start: number, seed = 1): VirtualTime {
  const random = randomFrom(seed)
  const running = new Map<object, Set<Timer>>()
  let elapsed = 0
  let order = 0

  function nextTimer(): [Timer, Set<Timer>] | undefined {
    let next: [Timer, Set<Timer>] | undefined
    for (const timers of running.values())
      for (const timer of timers) if (!next || isBefore(timer, next[0])) next = [timer, timers]
    return next
  }

  let [now, latest] = [start, start]
  const time: VirtualTime = {
    get now() {
      return now
    },
    set now(value) {
      now = value
      latest = Math.max(latest, now)
    },
    get latest() {
      return latest
    },
    process() {
      const timers = new Set<Timer>()
      running.set(timers, timers)
      return {
        environment: {
          clock: { now: () => time.now },
          random: { uuid: () => `process-${(order += 1)}`, fraction: random },
          timers: {
            after(milliseconds, callback) {
              const timer = { at: elapsed + milliseconds, order: (order += 1), callback }
              timers.add(timer)
              return () => void timers.delete(timer)
            },
          },
        },
        get timers() {
          return timers.size
        },
        kill() {
          running.delete(timers)
          timers.clear()
        },
        setStopped(isStopped) {
          if (isStopped) running.delete(timers)
          else running.set(timers, timers)
        },
      }
    },
    async step(end = Infinity) {
      await nothingLeft()
      const next = nextTimer()
      if (!next || next[0].at > end) return false
      const [timer, timers] = next
      timers.delete(timer)
      time.now += Math.max(0, timer.at - elapsed)
      elapsed = Math.max(elapsed, timer.at)
      timer.callback()
      return true
    },
    async pass(milliseconds) {
      const end = elapsed + milliseconds
      while (await time.step(end));
      time.now += end - elapsed
      elapsed = end
    },
  }
  return time
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at
}

/** All promises that can go on have gone on. */
export function nothingLeft(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
