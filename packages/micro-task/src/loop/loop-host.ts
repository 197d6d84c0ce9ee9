import type {
  CallResult,
  ChildResult,
  GateAnswer,
  ModelReply,
  SwapResult,
  Verdict,
} from '@ctxlock/contracts/micro-task-iteration'

import type { IterationRequest } from './iteration.ts'
import type { LoopEvent } from './loop-event.ts'
import type { Gate } from './gate.ts'
import type { LoopState } from './loop-state.ts'
import type { LoopChild, LoopSwap } from './next-action.ts'
import type { RecordStore } from './record-store.ts'

/**
 * What the loop needs of whoever runs it. Each asynchronous method is one durable step: its result is stored under the key of
 * what it is given, and a loop that is run again gets the stored result without the work.
 */
export interface LoopHost {
  /** When the loop began, as a canonical timestamp; always the same. */
  readonly startedAt: string
  readonly policyHash: string
  readonly store: RecordStore
  /** Steps (d) and (e): compiles the context and makes one governed call. */
  callModel(request: IterationRequest): Promise<CallResult>
  /** Steps (f) and (g): what the answer came to. */
  check(request: IterationRequest, reply: ModelReply): Promise<Verdict>
  /** The same in a child run, with a job, packs, a budget and a consent of its own (MT-028); waits for who has to consent. */
  runChild(child: LoopChild): Promise<ChildResult>
  swapModel(swap: LoopSwap): Promise<SwapResult>
  /** A person's answer; waits for it, or ends this process with the run parked. */
  answer(gate: Gate): Promise<GateAnswer>
  /** Puts on record what is about to change; the loop changes nothing before that is durable (MT-011). */
  record(key: string, events: readonly LoopEvent[], next: LoopState): Promise<void>
  /** Told of every state, also of those that were reached before; may throw to stop here, and the loop is gone on with later. */
  onState(state: LoopState): void
}
