import type { ContextPackBinding } from '@ctxlock/contracts/packs'
import type { ModelReply, SwapResult } from '@ctxlock/contracts/micro-task-iteration'
import type { LoopState, LoopSwap } from '@ctxlock/micro-task'

import type { CallOptions } from '../governed-call/call-options.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { GovernedCall, PreparedGovernedCall } from '../governed-call/governed-call.ts'
import type { Job } from '../run/job.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import type { ExecutionPlan } from './execution-plan.ts'
import type { RunFiles } from './run-files.ts'
import type { RunStatus } from './run-status.ts'
import type { StorageMeter } from './storage-limits.ts'
import type { RunEdits } from './run-edits.ts'
import type { ReplyStore } from './reply-store.ts'

/** What the parts of the executor share about the run they work for. */
export interface ExecutorRun {
  /** Writes in the name of the job, as long as it may (VAL-069). */
  readonly session: Session
  /** For `governedCall`, which opens the gate itself, and records a poisoning past it. */
  readonly ungated: Session
  /** The ids of this process's part of the run. */
  readonly ids: RunIds
  /** The id under which the run is gone on with. */
  readonly runId: string
  readonly job: Job
  readonly subjects: readonly CallSubject[]
  readonly plan: ExecutionPlan
  readonly callOptions: CallOptions
  readonly status: RunStatus
  readonly storage: StorageMeter
  readonly replies: ReplyStore
  readonly files: RunFiles
  /** Absent where nothing is edited and no command runs. */
  readonly edits: RunEdits | undefined
  swapModel(swap: LoopSwap): Promise<SwapResult>
  /** What the micro-task of a call is bound by now; undefined before its first call. */
  lastBinding(subject: CallSubject): ContextPackBinding | undefined
  /** The call that was prepared for this step while the model was changed; given once. */
  takePrepared(stepId: string): PreparedGovernedCall | undefined
  /** Told of every state of the loop, also of those that are played again. */
  onState(state: LoopState): void
  /** Told of every reply to a call of its own, also of those that are played again. */
  onReply(reply: ModelReply): void
  /** Told of every call of this process that was answered. */
  onCall(call: GovernedCall): void
}
