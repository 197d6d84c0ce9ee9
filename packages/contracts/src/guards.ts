// What the twelve guards judge, and what they answer (spec 05). Everything a hook receives but `ports` is data: the pipeline
// captures and freezes it once, so that no later change of the caller's objects can reach a guard (VAL-007).
import type { CallInput, PlanInput, TraceInput } from './guards/guard-inputs.ts'
import type { GuardOutcome } from './guards/guard-report.ts'

export * from './guards/guard-inputs.ts'
export * from './guards/guard-policy.ts'
export * from './guards/guard-ports.ts'
export * from './guards/guard-report.ts'

/**
 * One check. Answers are data; an exception means that the guard could not look, and blocks the call (VAL-005).
 * A hook that a guard leaves out is `not_applicable`.
 */
export interface Guard {
  /** Stable id, such as `CloudLeakageGuard`. */
  readonly name: string
  /** Of a guard that is not built in; part of the report's `guard_set_hash`. */
  readonly version?: string
  /** After planning, before retrieval. */
  validatePlan?(input: PlanInput): GuardOutcome | Promise<GuardOutcome>
  /** After retrieval, before use. */
  validateTrace?(input: TraceInput): GuardOutcome | Promise<GuardOutcome>
  /** After the envelope is assembled, before any byte is sent. */
  validateCall?(input: CallInput): GuardOutcome | Promise<GuardOutcome>
}

/** A guard of a plugin. Its version changes whenever the same call could get another answer. */
export interface VersionedGuard extends Guard {
  readonly version: string
}
