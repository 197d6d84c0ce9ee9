import type { Person } from '../consent/person.ts'
import type { FrozenLock } from '../frozen/frozen-lock.ts'
import type { RunBudget } from './budget/run-budget.ts'
import type { CallReply } from './call-reply.ts'
import type { InTurn } from './call-turn.ts'
import type { Rebinding } from './packs/bind-packs.ts'
import type { IntentInput } from './record/record-intent.ts'
import type { RequestOptions } from './request-options.ts'
import type { SettledCall } from './settled-call.ts'

/** What the person asked for on the command line, beside the config. */
export interface CallOptions extends RequestOptions {
  readonly signal: AbortSignal
  /** What the run may use; every command gives one. */
  readonly budget?: RunBudget
  /** Searches the vectors of this embedder too; the question has been embedded. */
  readonly embedderId?: string | undefined
  /** Brings the indexes up to what the files say now, when a call finds that they speak of other bytes. */
  readonly reindex?: () => Promise<unknown>
  /** Candidates that are left out: their ids, or how these begin. */
  readonly without?: readonly string[]
  /** Refuses what is not in the lockfile. */
  readonly frozen?: FrozenLock
  /** When the call goes on with a job under another model, or after a pause. */
  readonly rebinding?: Rebinding
  /** The id by which the run is gone on with, when it has to wait. */
  readonly resumeId?: string
  /** Who may be asked to consent to a cloud call while the run waits; without anybody it ends and can be gone on with. */
  readonly person?: Person
  /** Without this a call is made at once. */
  readonly inTurn?: InTurn
  /** Called when the intent is on record and before a byte leaves. */
  readonly onIntent?: (call: IntentInput) => void
  /** Called in the transaction that puts the outcome on record, so that both are durable or neither is. */
  readonly onSettled?: (call: IntentInput & { readonly reply: CallReply; readonly settled: SettledCall }) => void
  /** Pieces of the answer as they arrive, when streaming. */
  readonly onText?: (text: string) => void
}
