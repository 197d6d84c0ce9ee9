// The port of a durable engine: workflows whose finished steps survive a crash and are never repeated, and which wait for a
// person without costing a worker. Inputs and results are references and hashes, never prompt text.
import type { JsonValue } from '@ctxlock/core-hash'

import type { SqlDatabase } from './ports.ts'

/** `pending` is ready and nobody works on it; `waiting` is parked until a signal or a time. */
export type RunState = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'

export interface RunFailure {
  readonly name: string
  readonly code?: string
  /** For people; carries no prompt, file text or secret. */
  readonly message: string
}

/** What a parked run goes on by: a decision under a name, or a time. `until` is milliseconds since the Unix epoch. */
export type RunWait =
  | { readonly kind: 'signal'; readonly key: string; readonly until?: number }
  | { readonly kind: 'sleep' | 'retry'; readonly key: string; readonly until: number }

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
  /** Of a run that is parked. */
  readonly waits?: readonly RunWait[]
  readonly result?: JsonValue
  readonly error?: RunFailure
  /** Why it was, or is to be, cancelled. */
  readonly reason?: string
}

export interface ActivityScope {
  readonly runId: string
  /** `<run>/<step key>`: the same over retries and restarts; hand it to whatever the activity calls. */
  readonly idempotencyKey: string
  /** Counts from 1. An attempt that a crash cut off is not counted. */
  readonly attempt: number
  /** Fires when the run is terminated, may write no more, or the step's time is over. What comes later is dropped. */
  readonly signal: AbortSignal
}

/** What a step does outside of the workflow, known by name so that an engine with workers elsewhere can run it too. */
export interface Activity<Transaction = SqlDatabase> {
  run(input: JsonValue, scope: ActivityScope): JsonValue | Promise<JsonValue>
  /** Writes that stand or fall with the result, such as its events. Synchronous; a throw undoes both and fails the attempt. */
  commit?(transaction: Transaction, result: JsonValue, scope: ActivityScope): void
  /**
   * True for work that does no harm when it is done again: its result may reach the disk with a later one. The death of the process
   * loses nothing; after a power cut the run may do it once more.
   */
  readonly unsynced?: boolean
}

export interface RetryPolicy {
  readonly maxAttempts: number
  /** Before the second attempt; `factor` times as long before each later one, at most `maxMs`, less up to a half at random. */
  readonly initialMs: number
  readonly factor: number
  readonly maxMs: number
}

export interface StepOptions {
  /** Unique within the run. */
  readonly key: string
  /** Default: one attempt. An error whose `retryable` is false is not retried. */
  readonly retry?: Partial<RetryPolicy>
  /** For each attempt. */
  readonly timeoutMs?: number
}

export type Waited = { readonly kind: 'signal'; readonly payload: JsonValue } | { readonly kind: 'timeout' }

/**
 * Everything a workflow may do that is not pure: it is played again from its start after every wait and crash, and finds here
 * what happened before. Another input under a key fails the run with `NON_DETERMINISM`. Steps may run beside each other
 * (`Promise.all`); who comes first must not matter (`Promise.race`).
 */
export interface WorkflowContext {
  readonly runId: string
  /**
   * The result of the activity, run at most once per key as long as it finishes: a finished step gives its stored result, which
   * the workflow validates like any stored data. Rejects with `STEP_FAILED` after the last attempt, now and in every replay.
   */
  step(activity: string, input: JsonValue, options: StepOptions): Promise<JsonValue>
  /** The one decision of this name: the first signal, also one that came before, or `timeout`. It never changes. */
  waitForSignal(name: string, options?: { readonly timeoutMs?: number }): Promise<Waited>
  sleep(key: string, milliseconds: number): Promise<void>
  /** Milliseconds since the Unix epoch, read once per key. */
  now(key: string): Promise<number>
}

export interface WorkflowDefinition<Transaction = SqlDatabase> {
  readonly name: string
  /** The part before the first dot names the code that may go on with a run. */
  readonly version: string
  readonly activities: Readonly<Record<string, Activity<Transaction>>>
  run(context: WorkflowContext, input: JsonValue): Promise<JsonValue>
  /** Writes that stand or fall with the end of a run, however it ended. Cleaning up belongs here: a cancelled run is left where it is. */
  ended?(transaction: Transaction, run: RunInfo): void
}

export interface EngineCapabilities {
  /** Several processes work on the runs of one store. */
  readonly distributed: boolean
  readonly freesWorkerWhileWaiting: boolean
  /** How the runs of a dead process are taken up: at the next start of one, by a lease, or by a server. */
  readonly failover: 'restart' | 'lease' | 'server'
  /** `commit` and `ended` share the transaction of the result. */
  readonly sameTransaction: boolean
}

export interface ListOptions {
  readonly states?: readonly RunState[]
  readonly workflow?: string
  /** A run id: only runs that were started before this one. */
  readonly before?: string
  readonly limit?: number
}

export interface DurableEngine<Transaction = SqlDatabase> {
  readonly kind: string
  readonly capabilities: EngineCapabilities
  register(workflow: WorkflowDefinition<Transaction>): void
  /**
   * Takes up what is unfinished of the registered workflows, and goes on doing so until `close`. With `runs`: only these, and
   * what is started or resumed here. Throws `RUN_TAKEN` when a living process works on one of `runs`.
   */
  serve(options?: { readonly runs?: readonly string[] }): Promise<void>
  /**
   * Writes a run down and works on it when this engine serves; the same id, workflow, major version and input find the run again.
   * Throws `WORKFLOW_UNKNOWN`, `RUN_CONFLICT`, `VERSION_MISMATCH`, `RUN_TAKEN`.
   */
  start(
    workflow: string,
    input: JsonValue,
    options: { readonly runId: string },
  ): Promise<{ readonly runId: string; readonly created: boolean }>
  /**
   * Decides the name once and for all, also before the run waits for it. False when it was decided otherwise before, by a signal
   * or by time, or the run has ended; repeating the same key and payload gives the first answer. Throws `RUN_UNKNOWN`, and
   * `SIGNAL_CONFLICT` for a known key with another payload.
   */
  signal(
    runId: string,
    name: string,
    payload: JsonValue,
    options: { readonly idempotencyKey: string },
  ): Promise<{ readonly accepted: boolean }>
  /**
   * `cooperative`: steps under way are finished and kept, nothing begins after them. `terminate`: at once, results under way are
   * dropped. A failed run is cancelled too. False when the run was completed or cancelled before. A cancelled run never goes on.
   * Throws `RUN_UNKNOWN`.
   */
  cancel(
    runId: string,
    options: { readonly mode: 'cooperative' | 'terminate'; readonly reason: string },
  ): Promise<{ readonly accepted: boolean }>
  /** Tries a failed run again: failed steps run anew, finished ones do not. Throws `RUN_UNKNOWN`, `RUN_FINISHED`, `RUN_TAKEN`. */
  resume(runId: string): Promise<void>
  get(runId: string): Promise<RunInfo | undefined>
  /** Newest first, at most 1000 unless told; none before a run that is unknown. */
  list(options?: ListOptions): Promise<readonly RunInfo[]>
  /** The run as it ended or, with `orWaiting`, as soon as it is parked for a signal. Throws `RUN_UNKNOWN`, `ENGINE_CLOSED`. */
  ended(runId: string, options?: { readonly orWaiting?: boolean }): Promise<RunInfo>
  /** Aborts what is under way here and gives the runs free; they stay unfinished. */
  close(): Promise<void>
}

export type EngineErrorCode =
  /** An id is empty, too long or holds characters that are none of an id. */
  | 'ID_INVALID'
  /** An input, result or payload is no JSON. */
  | 'NOT_JSON'
  /** An input, result or payload is over the limit of the engine. */
  | 'TOO_LARGE'
  /** An option is out of its bounds. */
  | 'OPTION_INVALID'
  /** No run has this id. */
  | 'RUN_UNKNOWN'
  /** A run of this id began with another workflow or input. */
  | 'RUN_CONFLICT'
  /** The run has ended; nothing is added to it. */
  | 'RUN_FINISHED'
  /** Another process works on the run. */
  | 'RUN_TAKEN'
  /** Another payload came under this idempotency key. */
  | 'SIGNAL_CONFLICT'
  /** No workflow of this name is registered here. */
  | 'WORKFLOW_UNKNOWN'
  /** The workflow has no activity of this name. */
  | 'ACTIVITY_UNKNOWN'
  /** The run was begun by another version of its workflow: go on with that one. */
  | 'VERSION_MISMATCH'
  /** Replayed, the workflow asks for another step than it did: its code or its inputs changed. */
  | 'NON_DETERMINISM'
  /** A step threw, as often as it may. */
  | 'STEP_FAILED'
  /** A step took longer than it may, as often as it may. */
  | 'STEP_TIMEOUT'
  /** Called inside an open transaction, which would take back what the engine relies on. */
  | 'INSIDE_TRANSACTION'
  /** A commit is asynchronous: it would write outside of its transaction. */
  | 'COMMIT_ASYNC'
  /** The engine was closed. */
  | 'ENGINE_CLOSED'
  /** A stored row is not what was written: restore the database. */
  | 'STATE_CORRUPT'
  /** The tables are newer than this release: use the one that wrote them. */
  | 'SCHEMA_NEWER'

/** The one error of every engine. Messages hold ids and hashes, never an input or a result. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
