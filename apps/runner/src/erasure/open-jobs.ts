import { readJob } from '@ctxlock/ace-validators/poisoning'
import { signedOrders } from '@ctxlock/flight-recorder'

import type { Session } from '../session/session.ts'
import { hasTable } from './named-objects.ts'

export interface OpenJobs {
  /** It goes on, waits for a person, or was interrupted and not gone on with. */
  isOpen(jobId: string): boolean
  /** A run it worked for has ended, in whichever process. */
  isOver(jobId: string): boolean
}

/** Asks once which runs have ended: a job whose process was killed stays `running`, whatever became of its run later. */
export function openJobs({ state: { database }, jobs }: Pick<Session, 'state' | 'jobs'>): OpenJobs {
  const over = endedRuns(database)
  const isOver = (jobId: string) => jobs.runsOf(jobId).some((runId) => over.has(runId))
  return {
    isOver,
    isOpen(jobId) {
      const state = readJob(database, jobId)?.state
      return state === 'awaiting_user' || ((state === 'queued' || state === 'running') && !isOver(jobId))
    },
  }
}

/** By the engine, or by the order that took the engine's row. */
function endedRuns(database: Session['state']['database']): ReadonlySet<string> {
  const ended = hasTable(database, 'engine_run')
    ? database.prepare("SELECT run_id FROM engine_run WHERE state IN ('completed', 'failed', 'cancelled')").all()
    : []
  const erased = signedOrders(database).flatMap(({ payload }) => payload.run_ids)
  return new Set([...ended.map(({ run_id }) => String(run_id)), ...erased])
}
