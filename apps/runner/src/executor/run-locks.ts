import { readRunState } from '@ctxlock/durable-engine'
import { openFileLocks, type FileLocks, type LockOutcome } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import { isClaimed } from '../run/run-claims.ts'
import type { Session } from '../session/session.ts'
import type { ExecutorRun } from './executor-run.ts'

/**
 * Locks what the micro-tasks of a run, which this process has claimed, may change against every other run of the workspace (SWAP-029).
 * Throws `CX-MM-002` with the first path that another run holds; then this one holds nothing.
 */
export function lockRunFiles(
  { session, runId, ids, job }: Pick<ExecutorRun, 'session' | 'runId' | 'ids' | 'job'>,
  subjects: readonly CallSubject[],
): Pick<FileLocks, 'release'> {
  const workUnitId = subjects[0]?.wpId ?? 'task'
  const locks = openFileLocks({
    database: session.state.database,
    isAlive: (holder) => holder === runId || goesOn(session, holder),
  })
  // Micro-tasks of one run follow each other and may change the same files: the run locks for all of them.
  const paths = [...new Set(subjects.flatMap(({ definition: { files } }) => [...files.modify, ...files.create]))]
  const [outcome] = locks.lock([{ runId, workUnitId, paths }])
  if (outcome?.status !== 'blocked') return locks
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    job_id: job.jobId,
    workflow_run_id: ids.runId,
    ...conflictEvent(workUnitId, outcome),
  })
  throw conflict(outcome)
}

/**
 * Asked in the transaction that takes the locks. A run that waits or was killed keeps its locks, because it can be gone on with. One that
 * has not begun, or that failed, has them as long as a process is at it: it takes them before the engine knows of it.
 */
function goesOn({ state }: Pick<Session, 'state'>, runId: string): boolean {
  switch (readRunState(state.database, runId)) {
    case 'pending':
    case 'running':
    case 'waiting':
      return true
    case 'completed':
    case 'cancelled':
      return false
    case 'failed':
    case undefined:
      return isClaimed(state, runId)
  }
}

type Blocked = Extract<LockOutcome, { status: 'blocked' }>

function conflictEvent(workUnit: string, { code, conflicts }: Blocked) {
  return {
    fr_event_id: 'FR-EVT-X-LOCK-001' as const,
    type: 'file_lock_conflict' as const,
    payload: {
      work_unit: workUnit,
      conflicting_work_unit: conflicts[0]?.heldBy.workUnitId ?? '',
      paths: conflicts.map(({ path }) => path),
      code,
    },
  }
}

function conflict({ code, message, hint }: Blocked): CommandError {
  return new CommandError({ exit: EXIT_CODE.refused, code, message, hint })
}
