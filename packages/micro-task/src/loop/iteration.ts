import type { ArtifactHandle } from '@ctxlock/contracts/references'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { FailureCategory } from '@ctxlock/contracts/micro-task-run'

import type { AttemptOutcome } from '../decision.ts'

/** One iteration that is due. */
export interface IterationRequest {
  readonly definition: MicroTaskDefinition
  readonly stepId: string
  /** At this level, from 1, of at most `maxIterations` (MT-016). */
  readonly iteration: number
  readonly maxIterations: number
  /** Per micro-task over all levels, from 1. */
  readonly number: number
  readonly level: number
  readonly modelId: string
  readonly isCloud: boolean
  readonly completed: number
  readonly total: number
  readonly previous?: {
    readonly outcome: string
    /** One line, redacted. */
    readonly error?: string
    /** Hash of the stored answer. */
    readonly output?: string
  }
}

/** What came back of a model call; text is stored and named by its hash, never carried (MT-050). */
export type ModelReply = CallFacts &
  (
    | { readonly status: 'answered'; readonly output: ArtifactHandle; readonly degraded: boolean; readonly quotations: QuotationCounts }
    | { readonly status: 'failed'; readonly error: CallError; readonly code: string }
  )

export type CallError =
  | 'model_timeout'
  | 'model_error_transient'
  | 'model_error'
  | 'context_overflow'
  | 'resource_exhausted'

/** How many quotations an answer has, and how many stand in the bytes on disk. */
export interface QuotationCounts {
  readonly total: number
  readonly sound: number
}

export interface CallFacts {
  readonly callId: string
  readonly contextSnapshotId: string
  readonly contextWindow: number
  readonly tokensPrompt: number
  readonly tokensCompletion: number
  readonly startedAt: string
  readonly durationMs: number
}

/** What validation came to (MT-041), as counts and a reference. */
export interface ValidationSummary {
  readonly passed: boolean
  readonly specsTotal: number
  readonly specsPassed: number
  readonly blocking: number
  readonly blockingFailed: readonly number[]
  readonly durationMs: number
  readonly evidence: ArtifactHandle
}

/** What one iteration came to, after parsing, scope check and validation (MT-007 f and g). */
export interface Verdict {
  readonly outcome: AttemptOutcome
  /** What the error table demands whatever the decision table says. */
  readonly demand?: { readonly kind: 'fail_job'; readonly code: string } | { readonly kind: 'resource_gate' }
  readonly validation?: ValidationSummary
  readonly category?: FailureCategory
  /** One line for people and for the next prompt, redacted. */
  readonly summary?: string
  readonly blocked?: { readonly reason: string; readonly need: string }
  readonly skipRequested: boolean
  readonly completedAt: string
  readonly durationMs: number
}
