import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { Timers } from '@ctxlock/contracts/ports'

import { createEgress } from '../egress/egress.ts'
import type { EgressOptions } from '../egress/egress.ts'
import { createSecretHolder } from '../secret-holder.ts'

export interface TestContextOptions {
  /** A loopback URL; the context's egress reaches nothing else. */
  readonly baseUrl: string
  /** Without one the provider declares no secret. */
  readonly apiKey?: string
  /** Jitter, in [0, 1); small by default so that retries do not slow tests down. */
  readonly fraction?: () => number
  /** Milliseconds since the epoch that the clock shows; the real clock when absent. */
  readonly now?: () => number
  readonly egress?: Partial<EgressOptions>
}

export interface TestContext extends PluginContext {
  /** Timers that have neither fired nor been cancelled. */
  readonly pendingTimers: number
}

/** A plugin context with real sockets and timers for one loopback server. */
export function createTestContext({
  baseUrl,
  apiKey,
  fraction = () => 0.01,
  now = Date.now,
  egress,
}: TestContextOptions): TestContext {
  const pending = new Set<NodeJS.Timeout>()
  const timers: Timers = {
    after(milliseconds, callback) {
      const timer = setTimeout(() => {
        pending.delete(timer)
        callback()
      }, milliseconds)
      pending.add(timer)
      return () => {
        pending.delete(timer)
        clearTimeout(timer)
      }
    },
  }
  const network = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' as const }
  return {
    clock: { now, monotonic: () => performance.now() },
    random: {
      fraction,
      bytes: (length) => Uint8Array.from({ length }, (_, index) => index & 255),
      uuid: () => '00000000-0000-4000-8000-000000000001',
    },
    timers,
    egress: createEgress({ base_url: baseUrl, declared_tier: 'local', network }, { timers, ...egress }),
    secret: createSecretHolder(apiKey === undefined ? undefined : () => apiKey),
    get pendingTimers() {
      return pending.size
    },
  }
}
