import { fencedDatabase, mutate, type MutationFence } from '@ctxlock/ace-validators/poisoning'

import type { UnsyncedWrites } from '../workspace/unsynced-writes.ts'
import type { Session } from './session.ts'

/** What a session writes through. */
type Writers = Pick<
  Session,
  'state' | 'artifacts' | 'recorder' | 'vault' | 'packCache' | 'calls' | 'jobs' | 'modelSessions' | 'runs'
>

/**
 * The session as one job may use it: everything is written in a transaction that first asks whether the job may still change
 * something (VAL-069). decisions/0028 names the writes that go through the session itself, and why. What writes throws
 * `JOB_POISONED`.
 */
export function gatedSession(session: Session, fence: MutationFence): Session {
  const { artifacts, recorder, vault, packCache, calls, jobs, modelSessions, runs } = session
  let asked = false
  /** Within work that the fence let pass, its answer holds: the transaction lets no other connection poison the job. */
  const passing = <Result>(work: () => Result): Result => {
    const before = asked
    asked = true
    try {
      return work()
    } finally {
      asked = before
    }
  }
  const gate = <Result>(work: () => Result, transact?: UnsyncedWrites): Result => {
    if (!asked || fence.signal?.aborted === true)
      return mutate(session.state.database, fence, () => passing(work), transact)
    return transact ? transact(work) : work()
  }
  const gated: Writers = {
    state: {
      ...session.state,
      database: fencedDatabase(session.state.database, fence),
      synced: (work) => gate(work, session.state.synced),
      unsynced: (work) => gate(work, session.state.unsynced),
      unsyncedSteps: (work) =>
        session.state.unsyncedSteps(() => {
          gate(() => {})
          return passing(work)
        }),
    },
    artifacts: { ...artifacts, put: (bytes, options) => gate(() => artifacts.put(bytes, options)) },
    recorder: {
      record: (draft) => gate(() => recorder.record(draft)),
      recordAll: (drafts) => gate(() => recorder.recordAll(drafts)),
      recordRunEnd: (end) => gate(() => recorder.recordRunEnd(end)),
    },
    vault: vault && { ...vault, put: (bytes, options) => gate(() => vault.put(bytes, options)) },
    packCache: {
      ...packCache,
      put: (pack, reuseKey) => gate(() => packCache.put(pack, reuseKey)),
      forget: (sourceId) => gate(() => packCache.forget(sourceId)),
    },
    calls: { ...calls, add: (callId, recordHash) => gate(() => calls.add(callId, recordHash)) },
    jobs: {
      ...jobs,
      baselineOf: (jobId, current) => gate(() => jobs.baselineOf(jobId, current)),
      assign: (jobId, runIds) => gate(() => jobs.assign(jobId, runIds)),
    },
    modelSessions: { ...modelSessions, put: (record, by) => gate(() => modelSessions.put(record, by)) },
    runs: { ...runs, add: (request) => gate(() => runs.add(request)) },
  }
  // Not a copy: what changes in the session while the job runs has to show.
  return Object.setPrototypeOf(gated, session)
}
