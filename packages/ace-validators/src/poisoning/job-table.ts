import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { JobState } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { ValidatorError } from '../validator-error.ts'
import { canMove, isJobState, isTerminal } from './job-state.ts'

export interface JobRecord {
  readonly job_id: string
  readonly parent_job_id: string | null
  /** Hash of what the job works on; a child that was poisoned by it is not tried again with the same (VAL-072). */
  readonly inputs_hash: string
  readonly state: JobState
  /** Counts how often the fence was raised; a fence of an older epoch opens nothing. */
  readonly epoch: number
  /** Why the job was cancelled by somebody else, such as `parent_poisoned`. */
  readonly reason: string | null
  /** Results that came after the end and were dropped (VAL-071). */
  readonly late_results: number
}

/** The permission to change something in the name of a job, as long as its epoch lasts (VAL-069). */
export interface MutationFence {
  readonly job_id: string
  readonly epoch: number
  /** The fence in memory: aborted when it is raised (P1), before anything is on record. Nodes have signals of their own. */
  readonly signal?: AbortSignal
}

/** Creates what is missing; call it once for each connection. */
export function createJobTable(database: SqlDatabase): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ace_jobs (
      job_id TEXT PRIMARY KEY,
      parent_job_id TEXT,
      inputs_hash TEXT NOT NULL,
      state TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      reason TEXT,
      late_results INTEGER NOT NULL DEFAULT 0,
      violation TEXT,
      event_recorded INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ace_jobs_parent ON ace_jobs (parent_job_id);
  `)
}

export interface NewJob {
  readonly job_id: string
  readonly parent_job_id: string | null
  readonly inputs_hash: string
}

/**
 * Writes a new job down as `queued` and opens its fence. Throws `JOB_STATE_INVALID` for a known id or a parent that does
 * not exist or has ended, `JOB_POISONED` under a poisoned parent, and `POISONED_INPUTS_RETRIED` (VAL-072).
 */
export function registerJob(database: SqlDatabase, job: NewJob, signal?: AbortSignal): MutationFence {
  const { job_id, parent_job_id, inputs_hash } = job
  return inTransaction(database, () => {
    if (readJob(database, job_id)) throw invalid(job_id, 'a job of this id exists already; give every job its own')
    if (parent_job_id !== null) refuseChild(database, parent_job_id, inputs_hash)
    database
      .prepare(`INSERT INTO ace_jobs (job_id, parent_job_id, inputs_hash, state, epoch) VALUES (?, ?, ?, 'queued', 0)`)
      .run(job_id, parent_job_id, inputs_hash)
    return fence(job_id, 0, signal)
  })
}

function refuseChild(database: SqlDatabase, parent_job_id: string, inputs_hash: string): void {
  const parent = readJob(database, parent_job_id)
  if (parent === undefined) throw invalid(parent_job_id, 'the parent of a job must be registered before it')
  if (parent.state === 'poisoned') throw poisoned(parent_job_id)
  if (isTerminal(parent.state)) throw invalid(parent_job_id, `a job that is ${parent.state} starts no children`)
  const repeated = database
    .prepare(`SELECT 1 FROM ace_jobs WHERE parent_job_id = ? AND inputs_hash = ? AND state = 'poisoned'`)
    .get(parent_job_id, inputs_hash)
  if (!repeated) return
  throw new ValidatorError(
    'POISONED_INPUTS_RETRIED',
    `Job ${parent_job_id} had a child poisoned by these inputs; leave the offending source out and try with others.`,
  )
}

/** The fence of a job that goes on, for example after a restart. Throws `JOB_POISONED` and `JOB_STATE_INVALID`. */
export function openFence(database: SqlDatabase, job_id: string, signal?: AbortSignal): MutationFence {
  const job = readJob(database, job_id)
  if (job === undefined) throw invalid(job_id, 'no such job is registered')
  const opened = fence(job_id, job.epoch, signal)
  assertNotPoisoned(database, opened)
  return opened
}

/** A job as it stands now, or undefined for one that is not registered. */
export function readJob(database: SqlDatabase, job_id: string): JobRecord | undefined {
  const row = database
    .prepare(
      'SELECT job_id, parent_job_id, inputs_hash, state, epoch, reason, late_results FROM ace_jobs WHERE job_id = ?',
    )
    .get(job_id)
  return row && toRecord(row)
}

/** Moves a job by compare-and-set. Throws `JOB_POISONED`, and `JOB_STATE_INVALID` for a step its state does not allow. */
export function moveJob(database: SqlDatabase, moved: MutationFence, to: JobState): void {
  inTransaction(database, () => {
    assertNotPoisoned(database, moved)
    const job = readJob(database, moved.job_id)
    if (job === undefined || !canMove(job.state, to))
      throw invalid(moved.job_id, `no step leads from ${job?.state} to ${to}`)
    const { changes } = database
      .prepare('UPDATE ace_jobs SET state = ? WHERE job_id = ? AND state = ? AND epoch = ?')
      .run(to, moved.job_id, job.state, moved.epoch)
    if (Number(changes) !== 1) throw poisoned(moved.job_id)
  })
}

/**
 * The check of the gate. Inside the transaction that changes something it is the last word: no other connection can poison
 * in between. Throws `JOB_POISONED` when the job is poisoned, has ended, is unknown, or its fence was raised since.
 */
export function assertNotPoisoned(database: SqlDatabase, { job_id, epoch, signal }: MutationFence): void {
  // Asked in every transaction and before every piece of an answer: no more of the row is read than the answer needs.
  const job = database.prepare('SELECT state, epoch FROM ace_jobs WHERE job_id = ?').get(job_id)
  const isOpen = isJobState(job?.['state']) && !isTerminal(job['state']) && job['epoch'] === epoch
  if (signal?.aborted === true || !isOpen) throw poisoned(job_id)
}

/** All of the work in one transaction of the database, or none of it. */
export type Transact = <T>(work: () => T) => T

/**
 * The one gate for changes in the name of a job (VAL-069): checks the fence and does the work in one transaction, so that
 * either both stand or neither does. A refused change is counted as late result (VAL-071). Throws `JOB_POISONED`, and
 * `MUTATION_ASYNC` for work that goes on after it returned: what it wrote later would have passed no gate.
 */
export function mutate<T>(
  database: SqlDatabase,
  held: MutationFence,
  work: () => T,
  transact: Transact = (change) => inTransaction(database, change),
): T {
  try {
    return transact(() => {
      assertNotPoisoned(database, held)
      const result = work()
      if (result instanceof Promise) throw asynchronous(held.job_id, result)
      return result
    })
  } catch (error) {
    if (error instanceof ValidatorError && error.code === 'JOB_POISONED') countLateResult(database, held.job_id)
    throw error
  }
}

/** VAL-071: what came after the end of a job was dropped. */
export function countLateResult(database: SqlDatabase, job_id: string): void {
  database.prepare('UPDATE ace_jobs SET late_results = late_results + 1 WHERE job_id = ?').run(job_id)
}

function asynchronous(job_id: string, work: Promise<unknown>): ValidatorError {
  // Its failure is not ours to report.
  work.catch(() => undefined)
  return new ValidatorError(
    'MUTATION_ASYNC',
    `Job ${job_id}: expected the work of a change to end before it returns, got a promise; await first and change afterwards.`,
  )
}

export function poisoned(job_id: string): ValidatorError {
  return new ValidatorError(
    'JOB_POISONED',
    `Job ${job_id} is poisoned or has ended; nothing is changed in its name any more. Start a new job.`,
  )
}

function invalid(job_id: string, problem: string): ValidatorError {
  return new ValidatorError('JOB_STATE_INVALID', `Job ${job_id}: ${problem}.`)
}

function fence(job_id: string, epoch: number, signal?: AbortSignal): MutationFence {
  return { job_id, epoch, ...(signal && { signal }) }
}

function toRecord(row: Record<string, unknown>): JobRecord {
  const { job_id, parent_job_id, inputs_hash, state, epoch, reason, late_results } = row
  if (!isJobState(state)) throw invalid(String(job_id), `the table holds an unknown state; restore state.db`)
  return {
    job_id: String(job_id),
    parent_job_id: typeof parent_job_id === 'string' ? parent_job_id : null,
    inputs_hash: String(inputs_hash),
    state,
    epoch: Number(epoch),
    reason: typeof reason === 'string' ? reason : null,
    late_results: Number(late_results),
  }
}
