import type { RunInfo } from '@ctxlock/contracts/engine'

import type { RunIds } from '../../run/recorded-run.ts'
import { endSessions } from '../../session/end-sessions.ts'
import type { Session } from '../../session/session.ts'

/** FR-EVT-SESS-SPAWN-005 and the end of its session, in the transaction that ends a child because its parent was cancelled (MT-065). */
export function recordCascadeCancel(session: Session, ids: RunIds, { runId, state }: RunInfo): void {
  const known = session.modelSessions.find(runId)
  if (state !== 'cancelled' || !known || known.parent_session_id === null) return
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    workflow_run_id: ids.runId,
    model_session_id: runId,
    fr_event_id: 'FR-EVT-SESS-SPAWN-005',
    type: 'session.cascade_cancel',
    payload: {
      session_id: known.parent_session_id,
      cancelled_session_ids: [runId],
      reason: 'parent_cancelled',
    },
  })
  endSessions(session, ids.runId, [known], { state: 'CANCELLED', reason: 'parent_cancelled' })
}
