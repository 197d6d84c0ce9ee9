import type { ModelSession } from '@ctxlock/contracts/model-session'

import { hasSessionEnded } from './model-sessions.ts'
import type { Session } from './session.ts'

/**
 * Ends those of these sessions that are open, with FR-EVT-SESS-002 of each (MT-068), for a process that writes no more about them: it died, or
 * the fence of its job stops it. Part of the caller's transaction; `runId` is the run under which it records.
 */
export function endSessions(
  session: Pick<Session, 'environment' | 'modelSessions' | 'recorder' | 'timestamp'>,
  runId: string,
  sessions: readonly ModelSession[],
  { state, reason }: { readonly state: 'CANCELLED' | 'FAILED'; readonly reason: string },
): void {
  const { environment, modelSessions, recorder } = session
  for (const known of sessions.filter((one) => !hasSessionEnded(one))) {
    modelSessions.put({ ...known, state, updated_at: session.timestamp() })
    recorder.record({
      actor: 'system',
      trace_id: environment.random.uuid(),
      workflow_run_id: runId,
      model_session_id: known.session_id,
      fr_event_id: 'FR-EVT-SESS-002',
      type: 'session.state_change',
      payload: { session_id: known.session_id, from_state: known.state, to_state: state, reason },
    })
  }
}
