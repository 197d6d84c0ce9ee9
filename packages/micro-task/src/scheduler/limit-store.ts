import type { EventOf } from '@ctxlock/contracts/events'
import type { ScheduledCall } from '@ctxlock/contracts/scheduler'

type SchedulerEventType = `session_scheduler.${'enqueue' | 'dispatch' | 'rate_limited' | 'cancelled'}`
type Named<Type extends SchedulerEventType> = Type extends unknown
  ? Pick<EventOf<Type>, 'fr_event_id' | 'type' | 'payload'>
  : never
/** An event of the scheduler; the host adds the envelope. */
export type SchedulerEvent = Named<SchedulerEventType>

/** A call that is not made yet, visible to every process (INV-SCHED-002). */
export interface QueuedCall extends ScheduledCall {
  readonly state: 'QUEUED' | 'RUNNING'
  /** Milliseconds since the Unix epoch. */
  readonly enqueuedAt: number
  /** False when the process that wants to make it has gone; the call keeps its place until it is asked for again. */
  readonly isAlive: boolean
}

export interface AdmissionOutcome {
  /** Calls of this owner that may start now; their slots and tokens are taken. */
  readonly started: readonly ScheduledCall[]
  /** Milliseconds after which asking again makes sense at the latest. */
  readonly askAgainMs: number
}

/**
 * The shared state of the limits. Every member is one transaction that holds its events too; several processes may use one
 * store, each under a name of its own.
 */
export interface LimitStore {
  /** A call that is asked for again, by its id, keeps its place. Throws `CALL_REUSED` when it is another one. */
  enqueue(owner: string, call: ScheduledCall): void
  /** Starts what may start. Calls to a model that is held stay where they are. */
  admit(owner: string): AdmissionOutcome
  /** Gives the slot back; `usedTokens` undefined is charged as estimated. */
  finish(callId: string, usedTokens: number | undefined): void
  /** The provider said that it takes no calls for so long: nobody's starts before. At most five minutes of it are believed. */
  close(providerId: string, milliseconds: number): void
  /** Keeps back the calls to a model, whoever asks for one, until `release` or the end of the owner. */
  hold(owner: string, holdId: string, modelId: string): void
  release(holdId: string): void
  /** How many calls to the model are under way, of all processes that live. */
  running(modelId: string): number
  cancel(callId: string, reason: string, cancelledBy: string): void
  /** Says that the owner lives. What an owner had running counts no longer when it has been silent for `LEASE_MS`. */
  renew(owner: string): void
  /** In the order they were asked for. */
  calls(): readonly QueuedCall[]
}

export const LEASE_MS = 30_000
