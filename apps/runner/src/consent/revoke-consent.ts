import { moveJob, openFence, readJob } from '@ctxlock/ace-validators/poisoning'
import type { ModelSession } from '@ctxlock/contracts/model-session'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { consentRequests, revokeReceipt } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { endSessions } from '../session/end-sessions.ts'
import { openSession, type Session } from '../session/session.ts'
import { checkRecorded } from '../session/stored-session.ts'
import { findRequest } from './find-request.ts'

/** `ctxlock consent revoke`: ends a receipt for good and cancels every job that waits or runs by it (PROV-055, INV-CONSENT-003). */
export async function revokeConsent(
  [id = '']: readonly string[],
  context: CommandContext<GlobalOptions>,
): Promise<number> {
  const root = workspaceOf(context)
  checkRecorded(root)
  const session = await openSession({ root, variables: process.env })
  try {
    const { answer, asked } = findRequest(session.state.database, id)
    if (!answer?.receipt.approved) throw nothingToRevoke(asked.request.request_id)
    return await recordedRun(session, 'consent', async ({ runId }) => {
      const cancelled = inTransaction(session.state.database, () =>
        revokeAndCancel(session, runId, answer.receipt.consent_receipt_id),
      )
      context.output.result({ ok: true, receipt_id: answer.receipt.consent_receipt_id, cancelled_jobs: cancelled })
      context.output.line(`revoked    receipt ${answer.receipt.consent_receipt_id}`)
      for (const jobId of cancelled) context.output.line(`cancelled  job ${jobId}`)
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}

/**
 * A job is reached when it used the receipt, or when its request waits in a session or work packet the receipt covers and was given
 * no consent of its own.
 */
function revokeAndCancel(session: Session, runId: string, receiptId: string): string[] {
  const { database } = session.state
  const { session_ids, wp_id, job_ids } = revokeReceipt(database, receiptId, session.timestamp())
  const waiting = consentRequests(database).filter(
    ({ asked, answer }) =>
      answer?.receipt.consent_receipt_id === receiptId ||
      (answer === undefined &&
        (session_ids.includes(asked.request.session_id ?? '') ||
          (session_ids.length === 0 && wp_id === asked.request.wp_id))),
  )
  const jobs = new Set([...job_ids, ...waiting.map(({ asked }) => asked.job_id)])
  return [...jobs].filter((jobId) => cancel(session, runId, jobId)).toSorted()
}

/** False for a job that has ended already. */
function cancel(session: Session, runId: string, jobId: string): boolean {
  const { database } = session.state
  const job = readJob(database, jobId)
  if (job?.state !== 'running' && job?.state !== 'awaiting_user' && job?.state !== 'queued') return false
  moveJob(database, openFence(database, jobId), 'cancelled')
  const sessions = sessionsOf(session, jobId, job.parent_job_id !== null)
  endSessions(session, runId, sessions, { state: 'CANCELLED', reason: 'consent_revoked' })
  return true
}

/** A child has the one that is named as its run. */
function sessionsOf({ jobs, modelSessions }: Session, jobId: string, isChild: boolean): ModelSession[] {
  const found = jobs.runsOf(jobId).flatMap((id) => (isChild ? (modelSessions.find(id) ?? []) : modelSessions.ofRun(id)))
  return found.filter((one) => isChild === (one.parent_session_id !== null))
}

function nothingToRevoke(requestId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NOTHING_TO_REVOKE',
    message: `no receipt was given for the request ${requestId.slice(0, 8)}`,
    hint: 'Run `ctxlock consent list`; a request that waits is ended with `consent deny`.',
  })
}
