import { readJob } from '@ctxlock/ace-validators/poisoning'

import { waitsForConsent } from '../consent/consent-refusal.ts'
import type { CallOptions } from '../governed-call/call-options.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import { governedCall, type GovernedCall } from '../governed-call/governed-call.ts'
import { endModelSession } from '../governed-call/model-session.ts'
import { gatedSession } from '../session/gated-session.ts'
import type { Session } from '../session/session.ts'
import type { Job } from './job.ts'
import type { RunIds } from './recorded-run.ts'

/** The one call of a question, in a model session of its own that ends with it. */
export async function callOnce(
  session: Session,
  run: RunIds,
  job: Job,
  subject: CallSubject,
  options: CallOptions,
): Promise<GovernedCall> {
  const { random } = session.environment
  const stepId = `${subject.definition.mt_id}_iter-${String(subject.iteration).padStart(3, '0')}`
  const ids = { ...run, ...job, stepId, traceId: random.uuid(), callId: random.uuid() }
  try {
    return await governedCall(session, subject, ids, options)
  } catch (error) {
    // A poisoned job writes no more; what waits goes on in the same session.
    const isOver = !waitsForConsent(error) && readJob(session.state.database, job.jobId)?.state === 'running'
    if (isOver) endModelSession(gatedSession(session, job.fence), { subject, ids, options }, 'FAILED', 'call_refused')
    throw error
  }
}
