import type { DatabaseSync } from 'node:sqlite'

import type { ActivityScope } from '@ctxlock/contracts/engine'
import { serializeJcs, type JsonValue } from '@ctxlock/core-hash'

import { preparedOnce } from '../support/mortal-database.ts'
import type { VirtualTime } from '../support/virtual-time.ts'
import { RETRY_MS, type PlannedStep } from './plan.ts'

/** What a workflow or a caller saw, held against what it had been promised. */
export interface Observer {
  readonly violations: string[]
  /** An attempt of a step begins; the returned function tells that it ended by itself. */
  begin(process: string, step: PlannedStep, scope: ActivityScope, concurrency: number): (hasFailed: boolean) => void
  /** What a workflow was given under a key: the same for ever. */
  observe(runId: string, key: string, value: JsonValue): void
  seen(runId: string, key: string): JsonValue | undefined
  /** A sleep or a time limit begins, as far as its workflow knows. */
  timed(runId: string, key: string, ms: number): void
  /** The time of a wait is over, says the engine. */
  timeOver(runId: string, key: string): void
  sent(signal: SentSignal): void
  /** The answer to a signal. */
  answered(signal: SentSignal, accepted: boolean): void
  /** Nothing may begin in the run from here on; `reason` for people. */
  forbid(runId: string, reason: string): void
  /** A run is tried again: what failed before may begin. */
  resumed(runId: string): void
}

export interface SentSignal {
  readonly runId: string
  readonly key: string
  readonly payload: JsonValue
  readonly idempotencyKey: string
}

interface Attempt {
  readonly runId: string
  readonly process: string
  readonly signal: AbortSignal
}

export function observer(database: DatabaseSync, time: VirtualTime): Observer {
  const selectEntry = preparedOnce(
    database,
    `SELECT 1 FROM engine_journal WHERE run_id = ? AND key = ? AND kind IN ('step', 'failure')`,
  )
  const selectState = preparedOnce(database, 'SELECT state, owner FROM engine_run WHERE run_id = ?')
  const selectFence = preparedOnce(database, 'SELECT 1 FROM fence WHERE run_id = ?')
  const selectHolder = preparedOnce(
    database,
    `SELECT detail FROM history WHERE run_id = ? AND what = 'running' ORDER BY seq DESC LIMIT 1`,
  )
  const violations: string[] = []
  const observed = new Map<string, JsonValue>()
  const attempts = new Map<string, Attempt>()
  const failedAt = new Map<string, { readonly attempt: number; readonly at: number }>()
  const timedFrom = new Map<string, number>()
  const answers = new Map<string, boolean>()
  const accepted = new Map<string, JsonValue>()
  const payloads = new Map<string, Set<string>>()
  const forbidden = new Map<string, string>()
  const idOf = (runId: string, key: string) => `${runId}/${key}`
  const sentId = ({ runId, key, idempotencyKey }: SentSignal) => `${runId}/${key}/${idempotencyKey}`
  const violated = (problem: string) => violations.push(problem)

  return {
    violations,
    begin(process, { key, maxAttempts }, scope, concurrency) {
      const { runId, idempotencyKey, attempt, signal } = scope
      const id = idOf(runId, key)
      if (idempotencyKey !== id) violated(`${id}: got the idempotency key ${idempotencyKey}`)
      if (signal.aborted) violated(`${id}: began with an aborted signal`)
      if (selectEntry.get(runId, key)) violated(`${id}: began although its result is recorded`)
      if (selectState.get(runId)?.['state'] !== 'running') violated(`${id}: began in a run that is not running`)
      if (selectFence.get(runId)) violated(`${id}: began after the fence moved`)
      const reason = forbidden.get(runId)
      if (reason !== undefined) violated(`${id}: began after ${reason}`)
      if (attempt < 1 || attempt > maxAttempts) violated(`${id}: attempt ${attempt} of ${maxAttempts}`)
      const failed = failedAt.get(id)
      if (failed && attempt > failed.attempt && time.latest < failed.at + RETRY_MS / 2)
        violated(`${id}: attempt ${attempt} came too early`)
      const same = attempts.get(`${process} ${id}`)
      if (same?.signal.aborted === false) violated(`${id}: two attempts at the same time`)
      const active = [...attempts.values()].filter((other) => other.process === process && !other.signal.aborted)
      const runs = new Set([...active.map((other) => other.runId), runId])
      if (runs.size > concurrency) violated(`${runs.size} runs are worked on by ${concurrency} workers`)
      signal.addEventListener('abort', () => {
        const isParked = selectState.get(runId)?.['state'] === 'waiting'
        if (isParked && selectHolder.get(runId)?.['detail'] === process)
          violated(`${id}: the run was parked during an attempt`)
      })
      const begun = { runId, process, signal }
      attempts.set(`${process} ${id}`, begun)
      return (hasFailed) => {
        if (attempts.get(`${process} ${id}`) === begun) attempts.delete(`${process} ${id}`)
        // What came after the attempt's time, or in a process that lost the run, was dropped.
        const isOurs = selectState.get(runId)?.['owner'] === process
        if (hasFailed && isOurs && !signal.aborted) failedAt.set(id, { attempt, at: time.now })
      }
    },
    observe(runId, key, value) {
      const id = idOf(runId, key)
      const before = observed.get(id)
      if (before === undefined) observed.set(id, value)
      else if (serializeJcs(before) !== serializeJcs(value))
        violated(`${id}: gave ${serializeJcs(value)} after ${serializeJcs(before)}`)
      const decision = accepted.get(id)
      if (decision !== undefined && serializeJcs(decision) !== serializeJcs(value))
        violated(`${id}: gave ${serializeJcs(value)} although ${serializeJcs(decision)} was accepted`)
    },
    seen: (runId, key) => observed.get(idOf(runId, key)),
    timed(runId, key, ms) {
      const id = idOf(runId, key)
      timedFrom.set(id, Math.min(timedFrom.get(id) ?? Infinity, time.now + ms))
    },
    timeOver(runId, key) {
      const id = idOf(runId, key)
      // Clocks are set back too; a time is over when it was reached once.
      if (time.latest < (timedFrom.get(id) ?? Infinity)) violated(`${id}: its time was over too early`)
      if (accepted.has(id)) violated(`${id}: its time was over although a signal was accepted`)
    },
    sent(signal) {
      const id = idOf(signal.runId, signal.key)
      const known = payloads.get(id) ?? new Set()
      payloads.set(id, known.add(serializeJcs(signal.payload)))
    },
    answered(signal, isAccepted) {
      const id = idOf(signal.runId, signal.key)
      const before = answers.get(sentId(signal))
      if (before !== undefined && before !== isAccepted)
        violated(`${id}: a repeated signal was ${isAccepted ? '' : 'not '}accepted, unlike the first time`)
      answers.set(sentId(signal), isAccepted)
      if (!isAccepted) return
      const decision = accepted.get(id)
      const seen = observed.get(id)
      for (const other of [decision, seen])
        if (other !== undefined && serializeJcs(other) !== serializeJcs(signal.payload))
          violated(`${id}: ${serializeJcs(signal.payload)} was accepted after ${serializeJcs(other)}`)
      accepted.set(id, signal.payload)
    },
    forbid: (runId, reason) => void (forbidden.has(runId) || forbidden.set(runId, reason)),
    resumed(runId) {
      // What was refused because the run had ended may be accepted now.
      for (const [id, isAccepted] of answers) if (!isAccepted && id.startsWith(`${runId}/`)) answers.delete(id)
      for (const id of failedAt.keys()) if (id.startsWith(`${runId}/`)) failedAt.delete(id)
      for (const id of observed.keys())
        if (id.startsWith(`${runId}/`) && observed.get(id) === FAILED) observed.delete(id)
    },
  }
}

/** What a workflow observes of a step that failed. */
export const FAILED = 'failed'
