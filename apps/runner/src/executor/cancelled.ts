import type { RunInfo } from '@ctxlock/contracts/engine'
import { loopCancelled } from '@ctxlock/micro-task'

import { personHere } from '../consent/person-id.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { cancelExecutorJob } from './executor-job.ts'

/** FR-EVT-MT-011 and the job record, in the transaction that ends a run by cancelling it; nothing for a run that ended otherwise. */
export function recordCancelled(
  session: Pick<Session, 'recorder' | 'environment' | 'artifacts' | 'state' | 'timestamp'>,
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
}
