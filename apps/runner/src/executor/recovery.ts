import type { ExecutorRun } from './executor-run.ts'
import { readProgress } from './run-files.ts'

/** MT-049. This process holds the run, so the one before is gone, however short ago it was heard of. */
const STALLED_AFTER_SECONDS = 30

/** FR-EVT-WF-RECOVERY for a run whose process ended in the middle of it (MT-047). */
export function recordRecovery({ session, ids, job, runId, files: { recovered } }: ExecutorRun): void {
  const progress = readProgress(session.state.folder, runId)
  if (progress?.status !== 'in_progress') return
  const { micro_tasks, current_state } = progress
  const next = micro_tasks[current_state.current_mt_index]?.mt_id
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    workflow_run_id: ids.runId,
    fr_event_id: 'FR-EVT-WF-RECOVERY',
    type: 'workflow_recovery',
    payload: {
      workflow_run_id: runId,
      job_id: job.jobId,
      from_state: 'running',
      to_state: 'stalled',
      reason: 'the process that worked on the run ended before the run did',
      last_heartbeat_ts: progress.updated_at,
      threshold_secs: STALLED_AFTER_SECONDS,
      ...(next !== undefined && { resume_point: next }),
      steps_recovered: recovered.completed,
      steps_to_retry: recovered.pending,
    },
  })
}
