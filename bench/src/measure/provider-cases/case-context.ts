import type { Egress, PluginContext } from '../../../../packages/contracts/src/plugin.ts'
import type { Clock, RandomSource, Timers } from '../../../../packages/contracts/src/ports.ts'
import { createEgress, createSecretHolder } from '../../../../packages/provider-kit/src/index.ts'
import type { ProviderCase } from './provider-case.ts'

const realTimers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

export interface CaseContext {
  readonly context: PluginContext
  /** Sockets opened although the case forbids any. */
  readonly sockets: () => number
}

/**
 * What the adapter gets of the world. With a clock in the case, waits between attempts take no time and move that clock;
 * the egress always keeps real time, since the server does. Randomness is seeded by the case id.
 */
export function caseContext(providerCase: ProviderCase, baseUrl: string, apiKey: string): CaseContext {
  const { id, clock: start, noNetwork } = providerCase
  let sockets = 0
  const forbid = {
    lookup: () => Promise.reject(new Error('no lookup in this case')),
    dial: () => {
      sockets += 1
      return Promise.reject(new Error('no socket in this case'))
    },
  }
  const egress: Egress = createEgress(
    {
      base_url: baseUrl,
      declared_tier: 'local',
      network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
    },
    { timers: realTimers, ...(noNetwork ? forbid : {}) },
  )
  const { clock, timers } = start === undefined ? { clock: systemClock, timers: realTimers } : fakeTime(start)
  const secret = createSecretHolder(() => apiKey)
  return { context: { clock, timers, random: seeded(id), egress, secret }, sockets: () => sockets }
}

const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** No case waits longer between two attempts; what does is the watch over a request, which keeps real time. */
const LONGEST_WAIT_MS = 20_000

/** Timers that fire at once and move their clock by what they were asked to wait. */
function fakeTime(start: string): { readonly clock: Clock; readonly timers: Timers } {
  let now = Date.parse(start)
  return {
    clock: { now: () => now, monotonic: () => now },
    timers: {
      after(milliseconds, callback) {
        if (milliseconds > LONGEST_WAIT_MS) return realTimers.after(milliseconds, callback)
        const timer = setImmediate(() => {
          now += milliseconds
          callback()
        })
        return () => clearImmediate(timer)
      },
    },
  }
}

/** mulberry32 seeded by the case, so that a run can be repeated. */
function seeded(seed: string): RandomSource {
  let state = Array.from(seed).reduce(
    (hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  )
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    fraction,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
    uuid: () => '00000000-0000-4000-8000-000000000001',
  }
}
