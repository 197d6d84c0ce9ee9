// The real clock, timers and randomness, for tests that kill or race real processes.
import type { EngineOptions } from '../../src/index.ts'

export const realTime: EngineOptions['environment'] = {
  clock: { now: () => Date.now() },
  timers: {
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  },
  random: { uuid: () => crypto.randomUUID(), fraction: () => Math.random() },
}
