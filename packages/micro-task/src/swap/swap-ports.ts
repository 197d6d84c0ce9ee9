import type { EventOf, EventType } from '@ctxlock/contracts/events'
import type { ModelSwapRequest, PackPairHashes, SwapReport, SwapState } from '@ctxlock/contracts/model-swap'
import type { Clock, Timers } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'

/** Megabytes a loaded model takes, of each kind of memory. */
export interface ModelMemory {
  readonly vramMb: number
  readonly ramMb: number
}

/**
 * The servers that hold the models. Every member ends when its signal is aborted; a swap does not wait for one that does not.
 * What is already so (loaded, unloaded) is no error.
 */
export interface ModelHost {
  /** The whole size of a model, declared or asked of its server; undefined when nobody knows. */
  sizeMb(modelId: string, signal: AbortSignal): Promise<number | undefined>
  unload(modelId: string, signal: AbortSignal): Promise<void>
  load(modelId: string, signal: AbortSignal): Promise<void>
  /** Whether it is loaded and answers (READY). */
  isReady(modelId: string, signal: AbortSignal): Promise<boolean>
  /** Whether `measure` will say something. */
  isMeasurable(modelId: string): Promise<boolean>
  /** What the loaded model really takes; undefined where the server does not say. */
  measure(modelId: string, signal: AbortSignal): Promise<ModelMemory | undefined>
}

/** Calls to one model, held back while it goes away. */
export interface HeldCalls {
  /** Resolves when no call to the model is under way. */
  readonly idle: Promise<void>
  /** Ends the calls that are under way; `idle` resolves soon after. */
  abort(): void
  /** Lets calls to the model start again. */
  release(): void
}

/** The artifacts a swap may not lose (SWAP-007). Adds checkpoints, changes nothing. */
export interface SwapStateStore {
  /** Makes everything durable that is needed to resume: work-unit state, partial outputs, gates, pending approvals. */
  persist(request: ModelSwapRequest, signal: AbortSignal): Promise<void>
  /** Canonical hash of `{ref, content_hash}` over what the references hold now; undefined when one of them is gone. */
  hash(references: readonly Hash[]): Hash | undefined
}

/** Fresh context for the target. Anything thrown may be a `SwapFailure` that names its reason. */
export interface SwapContext<Compiled> {
  /** Compiles anew: plan, snapshot and prompt; nothing of the old prompt is used (SWAP-013). */
  compile(request: ModelSwapRequest, signal: AbortSignal): Promise<Compiled>
  /** Builds and binds the packs; they may only be as strict or stricter than those of the last binding (SWAP-014, CP-054). */
  bind(request: ModelSwapRequest, compiled: Compiled, signal: AbortSignal): Promise<BoundContext>
  /** Binds the packs of the previous model again, and names that binding. */
  rebind(request: ModelSwapRequest, signal: AbortSignal): Promise<{ readonly bindingId: string | null }>
  /** The suspended work may go on with what was compiled. */
  resume(request: ModelSwapRequest, bound: BoundContext, signal: AbortSignal): Promise<void>
}

export interface BoundContext {
  readonly previousBindingId: string | null
  readonly bindingId: string
  readonly contextSnapshotId: string
  readonly requested: PackPairHashes
  readonly effective: PackPairHashes
}

type SwapEventType = Extract<EventType, `model_swap_${string}`>
type Named<Type extends SwapEventType> = Type extends unknown
  ? Pick<EventOf<Type>, 'fr_event_id' | 'type' | 'payload'>
  : never
/** An event of a swap; the host adds the envelope (actor `system`, SWAP-036). */
export type SwapEvent = Named<SwapEventType>

/** One swap as it is on record. */
export interface SwapEntry {
  readonly request: ModelSwapRequest
  readonly state: SwapState
  /** Why it is rolled back. */
  readonly error?: SwapError
  /** Present when the swap has ended. */
  readonly report?: SwapReport
}

export type SwapError = NonNullable<SwapReport['error']>

/** Where swaps are recorded. Each member writes its row and its events in one transaction, or throws and has written nothing. */
export interface SwapJournal {
  find(requestId: string): SwapEntry | undefined
  begin(request: ModelSwapRequest, events: readonly SwapEvent[]): void
  enter(requestId: string, state: SwapState, events: readonly SwapEvent[], error?: SwapError): void
  end(report: SwapReport, events: readonly SwapEvent[]): void
  /** Swaps that have not ended, oldest first. */
  unfinished(): readonly SwapEntry[]
  /** Swaps the job of this request has begun, this one included. */
  countOf(request: ModelSwapRequest): number
}

export interface SwapPorts<Compiled> {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  readonly journal: SwapJournal
  readonly state: SwapStateStore
  readonly models: ModelHost
  /** Stops new calls to a model and says when the last one has ended. */
  hold(modelId: string): HeldCalls
  readonly context: SwapContext<Compiled>
  /** Why the job may not go to the target: profile, policy, tier (SWAP-006); undefined when it may. */
  refusal(request: ModelSwapRequest): SwapRefusal | undefined
}

export interface SwapRefusal {
  readonly reason: 'tier_changed' | 'model_not_permitted'
  /** For people. */
  readonly message: string
}
