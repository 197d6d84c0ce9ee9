import { readJob } from '@ctxlock/ace-validators/poisoning'
import { closeChildBudget } from '@ctxlock/governance'
import { CALL_TIMEOUT_MS, type IterationRequest } from '@ctxlock/micro-task'

import { CommandError } from '../../command-error.ts'
import { waitsForConsent } from '../../consent/consent-refusal.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { endModelSession } from '../../governed-call/model-session.ts'
import type { ExecutorRun } from '../executor-run.ts'
import { callForIteration, callIds, subjectOf } from '../model-call.ts'
import type { ChildLook } from './consent-wait.ts'
import { refusal, type RefusedChild } from './refused-child.ts'

/** What a refusal that leaves the parent other ways is about; every other one ends the parent as it would end a call of its own. */
const CAUSES: ReadonlyMap<string, RefusedChild['cause']> = new Map([
  ['CONSENT_DENIED', 'denied'],
  ['CX-MM-CONSENT-MISSING', 'forbidden'],
  ['CX-MM-001', 'forbidden'],
  ['CloudLeakageBlocked', 'forbidden'],
  ['HSK-403-TIER-MISMATCH', 'forbidden'],
  ['HSK-403-LOCKED', 'forbidden'],
  ['HSK-403-CLOUD-DISABLED', 'forbidden'],
  ['HSK-403-CONSENT-INVALID', 'forbidden'],
])

/**
 * The one call of a child run, paid from what its parent set aside. Made once: one consent is one transmission, so a failure is not
 * tried again under it. What an earlier process was answered is the answer.
 */
export async function callAsChild(
  run: ExecutorRun,
  request: IterationRequest,
  signal: AbortSignal,
): Promise<ChildLook> {
  const stored = run.replies.find(run.runId, request.stepId)
  if (stored) return { status: 'replied', reply: stored }
  try {
    const reply = await callForIteration(run, request, { timeoutMs: CALL_TIMEOUT_MS, signal })
    closeBudget(run)
    return { status: 'replied', reply }
  } catch (error) {
    // Who waits keeps what was set aside; who was poisoned writes no more.
    if (waitsForConsent(error)) return { status: 'waiting' }
    if (readJob(run.ungated.state.database, run.job.jobId)?.state !== 'running') throw error
    closeBudget(run)
    const cause = error instanceof CommandError && error.exit === EXIT_CODE.refused && CAUSES.get(error.code)
    if (!cause) throw error
    const call = { ids: callIds(run, request), subject: subjectOf(run, request), options: run.callOptions }
    endModelSession(run.session, call, 'FAILED', error.code)
    return refusal(run.session, cause, error.code, error.message)
  }
}

function closeBudget({ session, job }: ExecutorRun): void {
  closeChildBudget(session.state.database, job.jobId, session.timestamp())
}
