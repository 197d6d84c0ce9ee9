import { equal } from 'node:assert/strict'
import { getEventListeners } from 'node:events'

import type { ScriptedResponse } from '../fake-server.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { eventually } from './eventually.ts'
import { providerErrorOf } from './expect-error.ts'
import { responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'

const DEFAULT_CALLS = 100

/** Calls that end well, badly, in the middle and by the caller's hand, in turn. */
export function hygieneCase(target: ProviderTarget, failure: ScriptedResponse): ConformanceCase {
  const { answer, stream = answer, hygieneCalls: calls = DEFAULT_CALLS } = target
  const endings: readonly ScriptedResponse[] = [
    responding(answer),
    responding(stream),
    failure,
    { status: 200, headers: stream.headers, body: [{ bytes: stream.body.slice(0, 20) }], end: 'cut' },
    { status: 200, silent: true },
  ]
  return {
    name: `hygiene: ${calls} calls, however they end, leave no socket, timer or listener behind`,
    run: () =>
      withBench(
        target,
        (_, index) => endings[index % endings.length] ?? failure,
        async ({ chat, client, server, context }) => {
          const { signal } = new AbortController()
          for (let call = 0; call < calls; call += 1) {
            const ending = call % endings.length
            const abort = new AbortController()
            const silent = endings[ending]?.silent === true
            const sent = chat({
              signal: silent ? AbortSignal.any([signal, abort.signal]) : signal,
              stream: ending !== 0 && target.stream !== undefined,
            })
            const outcome = ending < 2 ? sent : providerErrorOf(sent)
            // The abort waits for the request, or the script would get out of step.
            if (silent) await eventually(() => server.requests.length === call + 1, 'expected the request to arrive')
            abort.abort()
            await outcome
          }
          equal(context.pendingTimers, 0)
          equal(getEventListeners(signal, 'abort').length, 0)
          await client.close()
          await eventually(() => server.openSockets === 0, 'expected every socket to be closed')
        },
      ),
  }
}
