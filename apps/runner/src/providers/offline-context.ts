import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { Environment } from '@ctxlock/contracts/ports'

/** For plugins that judge or read what they are given: no network and no secret. */
export function offlineContext({ clock, random, timers }: Environment): PluginContext {
  return {
    clock,
    random,
    timers,
    egress: {
      request: () => Promise.reject(new Error('Only a provider has a network.')),
      close: () => Promise.resolve(),
    },
    secret: {
      present: false,
      bearer() {
        throw new Error('Only a provider has a secret.')
      },
    },
  }
}
