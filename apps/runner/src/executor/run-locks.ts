import type { RunState } from '@ctxlock/contracts/engine'
import { openEngine } from '@ctxlock/durable-engine'
import { openFileLocks, type FileLocks, type LockOutcome } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { Session } from '../session/session.ts'

/** A run in one of these goes on, or will when a person says so; one that was killed can be taken up again. */
const GOES_ON: ReadonlySet<RunState | undefined> = new Set(['pending', 'running', 'waiting'])

/**
 * Locks what the micro-tasks of a run may change against every other run of the workspace (SWAP-029). Throws `CX-MM-002` with the
 * first path that another run holds; then this one holds nothing.
 */
export async function lockRunFiles(
  session: Session,
  runId: string,
  subjects: readonly CallSubject[],
): Promise<Pick<FileLocks, 'release'>> {
  const { database } = session.state
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
  const [outcome] = locks.lock([{ runId, workUnitId: subjects[0]?.wpId ?? 'task', paths }])
  if (outcome?.status === 'blocked') throw conflict(outcome)
  return locks
}

function conflict({ code, message, hint }: Extract<LockOutcome, { status: 'blocked' }>): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code,
    message,
    hint,
  })
}
