import type { RunInfo } from '@ctxlock/contracts/engine'
import { loopCancelled } from '@ctxlock/micro-task'

import { personHere } from '../consent/person-id.ts'
import type { RunIds } from '../run/recorded-run.ts'
import { endSessions } from '../session/end-sessions.ts'
import type { Session } from '../session/session.ts'
import { cancelExecutorJob } from './executor-job.ts'

/**
 * FR-EVT-MT-011, the job record and the sessions, in the transaction that ends a run by cancelling it; nothing for a run that ended otherwise.
 * Its children end by `recordCascadeCancel`.
 */
export function recordCancelled(
  session: Pick<Session, 'recorder' | 'environment' | 'artifacts' | 'modelSessions' | 'state' | 'timestamp'>,
  about: { readonly ids: RunIds; readonly jobId: string; readonly wpId: string },
  { runId, state, reason = 'cancelled' }: RunInfo,
): void {
  if (state !== 'cancelled') return
  const { recorder, environment } = session
  recorder.record({
    actor: 'system',
    trace_id: environment.random.uuid(),
    job_id: about.jobId,
    workflow_run_id: about.ids.runId,
    wp_id: about.wpId,
    ...loopCancelled(personHere(), reason),
  })
  cancelExecutorJob(session, runId, reason)
  const own = session.modelSessions.ofRun(runId).filter((one) => one.parent_session_id === null)
  endSessions(session, about.ids.runId, own, { state: 'CANCELLED', reason: 'run_cancelled' })
}
