import { randomFillSync, randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'

import type { Environment } from '@ctxlock/contracts/ports'

/** A draw from the system costs more than what most ask for: bytes are drawn ahead, and each is given away once. */
const drawn = Buffer.alloc(4096)
let used = drawn.length

function randomBytes(length: number): Uint8Array {
  if (length > drawn.length) return randomFillSync(new Uint8Array(length))
  if (used + length > drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  const bytes = Uint8Array.from(drawn.subarray(used, used + length))
  drawn.fill(0, used, used + length)
  used += length
  return bytes
}

/** The real clock, randomness and timers. */
export const nodeEnvironment: Environment = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
  },
  random: {
    bytes: randomBytes,
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
