import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { JobState } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalize } from '@ctxlock/core-hash'

import { ValidatorError } from '../validator-error.ts'
import { isTerminal } from './job-state.ts'
import type { JobAborts } from './job-nodes.ts'
import { readJob } from './job-table.ts'
import { poisonEvent, type PoisonEvent, type PoisonRequest } from './poison-event.ts'

/** Records the event in the transaction that is open on the same connection. Throws when it cannot. */
export type RecordPoisonEvent = (event: PoisonEvent, job_id: string) => void

export interface PoisonResult {
  /** `already_poisoned` and `terminal` changed nothing and recorded nothing (VAL-074). */
  readonly outcome: 'poisoned' | 'already_poisoned' | 'terminal'
  readonly state: JobState
  readonly epoch: number
  /** Descendants that were cancelled; their nodes are to be aborted too (VAL-072). */
  readonly cancelled: readonly string[]
  /** `pending`: the recorder failed; `recoverPoisonedJobs` will try again (P4). */
  readonly event: 'recorded' | 'pending' | 'none'
  /** What the recorder threw. */
  readonly problem?: unknown
}

/**
 * The poisoning directive (spec 05 section 5). Raises the fence in memory, then commits in one transaction: state
 * `poisoned` by compare-and-set, the next epoch, the cancelled descendants and the one security event. Only then what runs
 * is aborted. When the recorder fails the state stands and the event waits in the table. Poisoning twice is poisoning once.
 *
 * Throws `POISON_IN_TRANSACTION`, and whatever the database throws: then nothing is durable and the process must end, so
 * that recovery starts over (P2).
 */
export function poisonJob(
  database: SqlDatabase,
  request: PoisonRequest,
  recordEvent: RecordPoisonEvent,
  aborts?: JobAborts,
): PoisonResult {
  aborts?.raise(request.job_id)
  if (database.isTransaction) {
    throw new ValidatorError(
      'POISON_IN_TRANSACTION',
      'A job is poisoned in a transaction of its own, because a rollback would undo it; finish the open one first.',
    )
  }
  const result = commit(database, request, recordEvent)
  const ended = [request.job_id, ...result.cancelled]
  for (const job_id of result.cancelled) aborts?.raise(job_id)
  for (const job_id of ended) aborts?.abort(job_id)
  return result
}

function commit(database: SqlDatabase, request: PoisonRequest, recordEvent: RecordPoisonEvent): PoisonResult {
  try {
    return inTransaction(database, () => {
      const { result, event } = transition(database, request, true)
      if (event) recordEvent(event, request.job_id)
      return result
    })
  } catch (problem) {
    // P4: a recorder that cannot write must not keep a job alive; the same transition without it.
    return { ...inTransaction(database, () => transition(database, request, false).result), problem }
  }
}

function transition(
  database: SqlDatabase,
  request: PoisonRequest,
  recorded: boolean,
): { result: PoisonResult; event?: PoisonEvent } {
  const job = readJob(database, request.job_id)
  if (job && isTerminal(job.state)) {
    const outcome = job.state === 'poisoned' ? 'already_poisoned' : 'terminal'
    return { result: { outcome, state: job.state, epoch: job.epoch, cancelled: [], event: 'none' } }
  }
  const from = job?.state ?? 'queued'
  const epoch = (job?.epoch ?? 0) + 1
  const cancelled = cancelDescendants(database, request.job_id)
  const event = poisonEvent(request, from, cancelled.length)
  // A job nobody registered is poisoned all the same: no later job gets its id.
  database
    .prepare(
      `INSERT INTO ace_jobs (job_id, parent_job_id, inputs_hash, state, epoch, violation, event_recorded)
       VALUES (?, NULL, '', 'poisoned', ?, ?, ?)
       ON CONFLICT (job_id) DO UPDATE SET state = 'poisoned', epoch = excluded.epoch, violation = excluded.violation,
         event_recorded = excluded.event_recorded WHERE state = ?`,
    )
    .run(request.job_id, epoch, canonicalize({ ...event, matches: [...event.matches] }), recorded ? 1 : 0, from)
  const result: PoisonResult = {
    outcome: 'poisoned',
    state: 'poisoned',
    epoch,
    cancelled,
    event: recorded ? 'recorded' : 'pending',
  }
  return { result, event }
}

/** VAL-072: every descendant that has not ended, however deep; the parent is not touched. */
function cancelDescendants(database: SqlDatabase, job_id: string): string[] {
  const rows = database
    .prepare(
      `WITH RECURSIVE family (job_id) AS (
         SELECT job_id FROM ace_jobs WHERE parent_job_id = ?
         UNION SELECT child.job_id FROM ace_jobs AS child JOIN family ON child.parent_job_id = family.job_id
       )
       UPDATE ace_jobs SET state = 'cancelled', epoch = epoch + 1, reason = 'parent_poisoned'
       WHERE job_id IN (SELECT job_id FROM family)
         AND state NOT IN ('completed', 'completed_with_issues', 'failed', 'cancelled', 'poisoned')
       RETURNING job_id`,
    )
    .all(job_id)
  return rows.map((row) => String(row['job_id'])).toSorted()
}

export interface RecoveredJob {
  readonly job_id: string
  readonly event: 'present' | 'recorded' | 'pending'
}

/**
 * After a start: sees to it that every poisoned job has its event (VAL-073). `isRecorded` asks the recorder by idempotency
 * key; without it the table's own mark is believed. A recorder that still fails leaves the event pending.
 */
export function recoverPoisonedJobs(
  database: SqlDatabase,
  recordEvent: RecordPoisonEvent,
  isRecorded?: (idempotency_key: string) => boolean,
): RecoveredJob[] {
  const rows = database.prepare(`SELECT job_id, violation FROM ace_jobs WHERE state = 'poisoned' ORDER BY job_id`).all()
  return rows.map((row) => {
    const job_id = String(row['job_id'])
    const event: PoisonEvent = JSON.parse(String(row['violation']))
    const isPresent = (): boolean => {
      if (isRecorded) return isRecorded(event.idempotency_key)
      return (
        database.prepare('SELECT event_recorded FROM ace_jobs WHERE job_id = ?').get(job_id)?.['event_recorded'] === 1
      )
    }
    return {
      job_id,
      event: isPresent() ? 'present' : recordPending(database, job_id, isPresent, () => recordEvent(event, job_id)),
    }
  })
}

/** Asked again inside the transaction: another process may be recovering the same job. */
function recordPending(
  database: SqlDatabase,
  job_id: string,
  isPresent: () => boolean,
  record: () => void,
): RecoveredJob['event'] {
  try {
    return inTransaction(database, () => {
      if (isPresent()) return 'present'
      record()
      database.prepare('UPDATE ace_jobs SET event_recorded = 1 WHERE job_id = ?').run(job_id)
      return 'recorded'
    })
  } catch {
    return 'pending'
  }
}
