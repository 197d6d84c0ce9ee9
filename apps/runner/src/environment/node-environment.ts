import { randomBytes, randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'

import type { Environment } from '@ctxlock/contracts/ports'

/** The real clock, randomness and timers. */
export const nodeEnvironment: Environment = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
  },
  random: {
    bytes: (length) => randomBytes(length),
    uuid: () => randomUUID(),
    fraction: () => Math.random(),
  },
  timers: {
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  },
}
