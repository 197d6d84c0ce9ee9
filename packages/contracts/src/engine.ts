// The port of a durable engine: steps whose results survive a crash. Only what exists now is declared; signals, timers,
// cancellation and the scheduler join when they do. Inputs and results are references and hashes, never prompt text.
import type { JsonValue } from '@ctxlock/core-hash'

import type { SqlDatabase } from './ports.ts'

export type RunState = 'running' | 'completed' | 'failed'

export interface RunInfo {
  readonly runId: string
  readonly workflow: string
  /** Version of the workflow code; the part before the first dot must not change within a run. */
  readonly version: string
  readonly input: JsonValue
  readonly state: RunState
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  readonly finishedAt?: number
  readonly result?: JsonValue
  readonly error?: RunFailure
}

export interface RunFailure {
  readonly name: string
  /** For people; carries no prompt, file text or secret. */
  readonly message: string
}

export type RunOutcome =
  | { readonly state: 'completed'; readonly result: JsonValue }
  | { readonly state: 'failed'; readonly error: RunFailure }

export interface StepScope {
  readonly runId: string
  /** The same over retries and restarts; hand it to whatever the step calls. */
  readonly idempotencyKey: string
}

export type StepWork = (input: JsonValue, scope: StepScope) => JsonValue | Promise<JsonValue>

/** Writes that must be durable together with a result, such as its events. Synchronous; a throw undoes both. */
export type Commit = (database: SqlDatabase, result: JsonValue) => void

export interface DurableEngine {
  /** Starts a run, or finds the one of this id. Another workflow, major version or input under the id is an error. */
  startRun(
    runId: string,
    workflow: string,
    version: string,
    input: JsonValue,
  ): { readonly created: boolean; readonly run: RunInfo }
  /**
   * The result of `work`, called at most once per key and run as long as it finishes: a finished step returns its stored
   * result, which the caller validates like any stored data. A failed or interrupted one is run again.
   */
  step(runId: string, key: string, input: JsonValue, work: StepWork, commit?: Commit): Promise<JsonValue>
  /** Milliseconds since the Unix epoch, read once per key and run. */
  now(runId: string, key: string): number
  finishRun(runId: string, outcome: RunOutcome, commit?: Commit): void
  getRun(runId: string): RunInfo | undefined
  /** Newest first. */
  listRuns(options?: { readonly limit?: number }): readonly RunInfo[]
  /** Runs to take up again after a restart, oldest first. */
  unfinished(): readonly RunInfo[]
}
