import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import type { CallGovernor, OutgoingCall } from '@ctxlock/provider-ai-sdk/middleware'

import { anchorRuns, openRun, settleRecord } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import { boundaryRefusal } from './boundary-refusal.ts'
import { cloudRefusal } from './cloud-refusal.ts'
import { contentRefusal } from './content-refusal.ts'
import { policyNow } from './policy-now.ts'
import { sdkEventBase, type SdkCall, type SdkRefusal } from './sdk-call.ts'
import { recordSdkIntent, recordSdkOutcome } from './sdk-call-events.ts'
import { toolOutputRefusal } from './tool-output-refusal.ts'

/**
 * Guards and recorder of a workspace for calls that an application makes itself. Each is a run of its own, so that the record
 * is whole whenever no call is under way, however the application ends. Two transactions a call: what is known before the
 * model is asked, and what is known after.
 */
export function createSdkGovernor(open: () => Promise<Session>, endpoint: Pick<ModelEndpoint, 'tier'>): CallGovernor {
  const sessionIds = new WeakMap<Session, string>()
  return {
    async begin(outgoing) {
      const session = await open()
      const { clock, random } = session.environment
      const sessionId = sessionIds.get(session) ?? random.uuid()
      sessionIds.set(session, sessionId)
      const call = identified(session, outgoing, endpoint)
      const refusal = refusalOf(session, call, sessionId)
      settleRecord(session)
      const { run, base } = inTransaction(session.state.database, () => {
        const run = openRun(session, 'ai-sdk', sessionId)
        const base = sdkEventBase(call, run.ids)
        if (refusal) {
          if (refusal.event) session.recorder.record(refusal.event(base))
          run.recordEnd(refusal.error.exit, refusal.error.code)
        } else recordSdkIntent(session, call, base)
        return { run, base }
      })
      if (refusal) {
        await anchorRuns(session)
        throw refusal.error
      }
      const start = clock.monotonic()
      return {
        callId: call.callId,
        async settle(outcome) {
          inTransaction(session.state.database, () =>
            run.recordEnd(recordSdkOutcome(session, call, base, outcome, clock.monotonic() - start)),
          )
          await anchorRuns(session)
        },
      }
    },
  }
}

/** What the config says, as it was opened and as it is now; then the guards, by what they would do to a job (decisions/0030). */
function refusalOf(session: Session, call: SdkCall, sessionId: string): SdkRefusal | undefined {
  const now = policyNow(session)
  return (
    cloudRefusal(session, call) ??
    cloudRefusal(now, call) ??
    contentRefusal(session, call) ??
    boundaryRefusal(session, call, sessionId, now) ??
    toolOutputRefusal(session, call)
  )
}

function identified(session: Session, outgoing: OutgoingCall, { tier }: Pick<ModelEndpoint, 'tier'>): SdkCall {
  const { random } = session.environment
  return { ...outgoing, callId: random.uuid(), traceId: random.uuid(), tier: tier(outgoing.model) }
}
