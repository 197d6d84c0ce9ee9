import { mutate, type MutationFence } from '@ctxlock/ace-validators/poisoning'

import type { Session } from '../session/session.ts'

/**
 * The session as the steps of one job may use it: every event and every object is written in a transaction that first asks
 * whether the job may still change something (VAL-069). What is recorded about a job that has ended, such as its refusal, goes
 * through the session itself. The writing functions throw `JOB_POISONED`.
 */
export function gatedSession(session: Session, fence: MutationFence): Session {
  const { artifacts, recorder } = session
  const gate = <Result>(work: () => Result): Result => mutate(session.state.database, fence, work)
  const gated: Pick<Session, 'artifacts' | 'recorder'> = {
    artifacts: { ...artifacts, put: (bytes, options) => gate(() => artifacts.put(bytes, options)) },
    recorder: {
      record: (draft) => gate(() => recorder.record(draft)),
      recordAll: (drafts) => gate(() => recorder.recordAll(drafts)),
      recordRunEnd: (end) => gate(() => recorder.recordRunEnd(end)),
    },
  }
  // Not a copy: what changes in the session while the job runs has to show.
  return Object.setPrototypeOf(gated, session)
}
