import type { Clock, Timers } from '@ctxlock/contracts/ports'

export interface SimulatedTime {
  readonly clock: Clock
  readonly timers: Timers
  /** Lets everything run that does not wait for time, then goes to the next timer, until `work` has settled. */
  run<Result>(work: Promise<Result>): Promise<Result>
  /** Lets so much time pass, timer by timer. */
  pass(milliseconds: number): Promise<void>
}

const START = Date.UTC(2026, 10, 22)

/** A clock that stands still until nothing else can happen. */
export function simulatedTime(): SimulatedTime {
  let elapsed = 0
  let order = 0
  const pending = new Map<number, { readonly at: number; readonly callback: () => void }>()

  function fireNext(until: number): boolean {
    const next = [...pending].toSorted(([a, left], [b, right]) => left.at - right.at || a - b)[0]
    if (!next || next[1].at > until) return false
    const [id, { at, callback }] = next
    pending.delete(id)
    elapsed = Math.max(elapsed, at)
    callback()
    return true
  }

  return {
    clock: { now: () => START + elapsed, monotonic: () => elapsed },
    timers: {
      after(milliseconds, callback) {
        const id = (order += 1)
        pending.set(id, { at: elapsed + milliseconds, callback })
        return () => void pending.delete(id)
      },
    },
    async run(work) {
      let settled = false
      const done = () => {
        settled = true
      }
      work.then(done, done)
      for (await idle(); !settled; await idle()) {
        if (!fireNext(Infinity)) throw new Error('Nothing is left to happen, and the work has not ended.')
      }
      return work
    },
    async pass(milliseconds) {
      const until = elapsed + milliseconds
      for (await idle(); fireNext(until); await idle());
      elapsed = until
    },
  }
}

/** Every promise that can go on has done so. */
function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
