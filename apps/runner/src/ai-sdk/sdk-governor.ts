import type { CallGovernor } from '@ctxlock/provider-ai-sdk/middleware'

import { recordedRun } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import { refuseCloud } from './refuse-cloud.ts'
import { refuseContent } from './refuse-content.ts'
import { recordSdkIntent, recordSdkOutcome } from './sdk-call-events.ts'

/**
 * Guards and recorder of a workspace for calls that an application makes itself. Each is a run of its own, so that the record
 * is whole whenever no call is under way, however the application ends.
 */
export function createSdkGovernor(open: () => Promise<Session>, endpoint: Pick<ModelEndpoint, 'tier'>): CallGovernor {
  let sessionId: string | undefined
  return {
    async begin(outgoing) {
      const session = await open()
      const { random } = session.environment
      sessionId ??= random.uuid()
      const identity = { callId: random.uuid(), traceId: random.uuid(), sessionId, tier: endpoint.tier(outgoing.model) }
      const begun = Promise.withResolvers<void>()
      const outcome = Promise.withResolvers<Parameters<typeof recordSdkOutcome>[2]>()
      const work = async ({ runId }: { readonly runId: string }) => {
        const call = { ...outgoing, ...identity, runId }
        refuseCloud(session, call)
        refuseContent(session, call)
        recordSdkIntent(session, call)
        const start = session.environment.clock.monotonic()
        begun.resolve()
        const settled = await outcome.promise
        return recordSdkOutcome(session, call, settled, session.environment.clock.monotonic() - start)
      }
      const run = recordedRun(session, 'ai-sdk', work, sessionId)
      await Promise.race([begun.promise, run])
      return {
        callId: identity.callId,
        async settle(settled) {
          outcome.resolve(settled)
          await run
        },
      }
    },
  }
}
