import type { DurableEngine, RunFailure } from '@ctxlock/contracts/engine'

/** An engine as the cases need it: what is the same for every store and every way to keep time. */
export interface EngineTarget<Transaction> {
  /** A new, empty store for each case. */
  readonly create: () => Promise<EngineBench<Transaction>>
}

export interface EngineBench<Transaction> {
  /** Opens an engine on the store; the one before was closed or has crashed. */
  open(options?: OpenOptions): Promise<DurableEngine<Transaction>>
  /** Ends the engine as a kill would: nothing of it writes any more. */
  crash(): Promise<void>
  /** Lets that much time pass for engine and workflows, and everything happen that is to happen by then. */
  pass(milliseconds: number): Promise<void>
  /** Writes a line in the transaction that `commit` and `ended` are given. */
  record(transaction: Transaction, line: string): void
  /** The lines that are durable, in order. */
  recorded(): Promise<readonly string[]>
  dispose(): Promise<void>
}

export interface OpenOptions {
  /** Why a run may write no more, asked like the fence of the engine. */
  readonly fence?: (runId: string) => RunFailure | undefined
  /** Workers: runs that can be worked on at a time. */
  readonly concurrency?: number
}
