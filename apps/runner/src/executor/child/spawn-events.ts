import type { RuntimeRole } from '@ctxlock/contracts/packs'

import type { ExecutorRun } from '../executor-run.ts'
import type { ChildLook } from './consent-wait.ts'

/** A child run starts none of its own. */
const SPAWN_DEPTH = 1

/** FR-EVT-SESS-SPAWN-001: a run wants a call made in a session of its own (MT-065). */
export function recordSpawn(run: ExecutorRun, parent: ExecutorRun, role: RuntimeRole): void {
  run.session.recorder.record({
    ...eventBase(run),
    fr_event_id: 'FR-EVT-SESS-SPAWN-001',
    type: 'session.spawn_requested',
    payload: { parent_session_id: parent.ids.sessionId, role, spawn_depth: SPAWN_DEPTH },
  })
}

/** FR-EVT-SESS-SPAWN-002. */
export function recordSpawnAccepted(run: ExecutorRun, parent: ExecutorRun): void {
  run.session.recorder.record({
    ...eventBase(run),
    fr_event_id: 'FR-EVT-SESS-SPAWN-002',
    type: 'session.spawn_accepted',
    payload: {
      session_id: run.ids.sessionId,
      parent_session_id: parent.ids.sessionId,
      spawn_depth: SPAWN_DEPTH,
    },
  })
}

/** FR-EVT-SESS-SPAWN-003. */
export function recordSpawnRejected(run: ExecutorRun, parent: ExecutorRun, reason: string): void {
  run.session.recorder.record({
    ...eventBase(run),
    fr_event_id: 'FR-EVT-SESS-SPAWN-003',
    type: 'session.spawn_rejected',
    payload: { parent_session_id: parent.ids.sessionId, reason },
  })
}

/** FR-EVT-SESS-SPAWN-004 with the answer by reference, in the transaction that ends the child's step; nothing for other ends. */
export function recordAnnounceBack(run: ExecutorRun, parent: ExecutorRun, result: ChildLook): void {
  if (result.status !== 'replied' || result.reply.status !== 'answered') return
  run.session.recorder.record({
    ...eventBase(run),
    fr_event_id: 'FR-EVT-SESS-SPAWN-004',
    type: 'session.announce_back',
    payload: {
      session_id: run.ids.sessionId,
      parent_session_id: parent.ids.sessionId,
      artifact_ref: result.reply.output.content_hash,
    },
  })
}

function eventBase({ session, ids, job }: ExecutorRun) {
  return {
    actor: 'system' as const,
    trace_id: session.environment.random.uuid(),
    job_id: job.jobId,
    workflow_run_id: ids.runId,
    model_session_id: ids.sessionId,
  }
}
