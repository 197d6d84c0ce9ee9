import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'

/** One iteration that is due. */
export interface IterationRequest {
  readonly definition: MicroTaskDefinition
  readonly stepId: string
  /** Names the call within the run: one that was refused is asked for anew under another name. */
  readonly callKey: string
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
    /** Blocking checks that failed when commands last ran. */
    readonly blockingFailed?: readonly number[]
    /** Hash of the stored evidence of the checks, where they ran in the last iteration and failed. */
    readonly evidence?: string
  }
}
