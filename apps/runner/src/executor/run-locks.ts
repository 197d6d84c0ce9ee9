import type { RunState } from '@ctxlock/contracts/engine'
import { openEngine } from '@ctxlock/durable-engine'
import { openFileLocks, type FileLocks, type LockOutcome } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { ExecutorRun } from './executor-run.ts'

/** A run in one of these goes on, or will when a person says so; one that was killed can be taken up again. */
const GOES_ON: ReadonlySet<RunState | undefined> = new Set(['pending', 'running', 'waiting'])

/**
 * Locks what the micro-tasks of a run may change against every other run of the workspace (SWAP-029). Throws `CX-MM-002` with the
 * first path that another run holds; then this one holds nothing.
 */
export async function lockRunFiles(
  { session, runId, ids, job }: Pick<ExecutorRun, 'session' | 'runId' | 'ids' | 'job'>,
  subjects: readonly CallSubject[],
): Promise<Pick<FileLocks, 'release'>> {
  const { database } = session.state
  const workUnitId = subjects[0]?.wpId ?? 'task'
  const alive = new Set<string>([runId])
  const locks = openFileLocks({ database, isAlive: (holder) => alive.has(holder) })
  const engine = openEngine({ database, environment: session.environment })
  try {
    for (const holder of new Set(locks.held().map((lock) => lock.runId))) {
      if (GOES_ON.has((await engine.get(holder))?.state)) alive.add(holder)
    }
  } finally {
    await engine.close()
  }
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
