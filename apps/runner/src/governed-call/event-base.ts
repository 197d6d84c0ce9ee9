import { modelSessionId, type CallIds, type CallSubject } from './call-subject.ts'

/** The envelope fields that every event of one call shares. */
export function callEventBase(ids: CallIds, subject: CallSubject) {
  return {
    actor: 'system' as const,
    trace_id: ids.traceId,
    job_id: ids.jobId,
    workflow_run_id: ids.runId,
    step_id: ids.stepId,
    model_session_id: modelSessionId(ids),
    wp_id: subject.wpId,
    mt_id: subject.definition.mt_id,
    iteration: subject.iteration,
  }
}
