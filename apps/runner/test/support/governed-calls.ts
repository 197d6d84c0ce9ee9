import type { FlightEvent } from '@ctxlock/contracts/events'
import { queryEvents } from '@ctxlock/flight-recorder'
import { onTestFinished } from 'vitest'

import type { CallOptions } from '../../src/governed-call/call-options.ts'
import type { CallIds, CallSubject } from '../../src/governed-call/call-subject.ts'
import { syncWorkspaceIndex } from '../../src/governed-call/context/workspace-index.ts'
import { governedCall, type GovernedCall } from '../../src/governed-call/governed-call.ts'
import { startJob, type Job } from '../../src/run/job.ts'
import { openSession, type Session } from '../../src/session/session.ts'

/** A session over a workspace, closed when the test ends. It signs with the key of the commands that tests start: whichever is last. */
export async function openedSession(root: string): Promise<Session> {
  const variables = { ...process.env, CTXLOCK_TEST_KEY: 'sk-test-calls-0123456789' }
  const session = await openSession({ root, variables })
  onTestFinished(() => session.close())
  return session
}

/** One call in this process, as `ask` and `run` make it. */
export function callIn(
  session: Session,
  subject: CallSubject,
  { job, ...options }: Partial<CallOptions> & { readonly job?: Job } = {},
): Promise<GovernedCall> {
  const { random } = session.environment
  syncWorkspaceIndex(session, () => {})
  const ids: CallIds = {
    ...(job ?? startJob(session, '0'.repeat(64))),
    runId: random.uuid(),
    sessionId: random.uuid(),
    stepId: 'MT-001_iter-001',
    traceId: random.uuid(),
    callId: random.uuid(),
  }
  const signal = new AbortController().signal
  return governedCall(session, subject, ids, { stream: false, maxTokens: undefined, signal, ...options })
}

/** What the recorder has of one kind, read back from its log. */
export function recorded<Type extends FlightEvent['type']>(
  session: Session,
  type: Type,
): Extract<FlightEvent, { type: Type }>[] {
  const { events } = queryEvents(session.state.database, { type }, { limit: 1000 })
  return events.filter((event): event is Extract<FlightEvent, { type: Type }> => event.type === type)
}
