import type { Timers } from '@ctxlock/contracts/ports'
import type { ScheduledCall } from '@ctxlock/contracts/scheduler'

import type { HeldCalls } from '../swap/swap-ports.ts'
import { createHolds } from './holds.ts'
import { LEASE_MS, type LimitStore } from './limit-store.ts'

export interface SchedulerOptions {
  readonly store: LimitStore
  readonly timers: Timers
  /** Names this process among those that share the store; never used again after it. */
  readonly owner: string
}

export interface CallWork<Result> {
  /**
   * Makes the call. Its signal is aborted when the caller cancels, or when a swap does not wait for it any longer. `limited` tells
   * everybody that the provider takes no calls for so many milliseconds (MT-063).
   */
  make(signal: AbortSignal, limited: (milliseconds: number) => void): Promise<Result>
  /** The tokens it cost; undefined where the server did not say. */
  usedTokens(result: Result): number | undefined
  readonly signal?: AbortSignal
}

export interface Scheduler {
  /**
   * Makes the call as soon as the limits allow; until then it is QUEUED and seen by everybody. Never drops one (MT-062). A call
   * that is cancelled while it waits throws the reason of its signal.
   */
  run<Result>(call: ScheduledCall, work: CallWork<Result>): Promise<Result>
  /**
   * Keeps calls to the model waiting until `release`, those of every process that shares the store. `idle` waits for all of them that
   * are under way; after `abort`, which ends those of this process, for these only.
   */
  hold(modelId: string): HeldCalls
  close(): void
}

interface Waiting {
  readonly call: ScheduledCall
  start(abort: AbortController): void
  fail(error: unknown): void
}

/** Model calls of one process, within limits that several processes share (spec 08 section 14). */
export function createScheduler({ store, timers, owner }: SchedulerOptions): Scheduler {
  const waiting = new Map<string, Waiting>()
  const running = new Map<string, { readonly modelId: string; readonly abort: AbortController }>()
  const holds = createHolds({
    store,
    owner,
    runningHere: (modelId) => [...running.values()].filter((call) => call.modelId === modelId),
    onChange: pump,
  })
  let stopTimer = (): void => {}

  /** Starts what may start, and comes back when more may be possible: by time, or because another process has ended a call. */
  function pump(): void {
    stopTimer()
    if (waiting.size === 0 && running.size === 0 && !holds.isOpen) return
    try {
      const isAsking = waiting.size > 0 || holds.isDraining
      const { started, askAgainMs } = isAsking ? store.admit(owner) : idle()
      for (const { call_id, model_id } of started) {
        const abort = new AbortController()
        running.set(call_id, { modelId: model_id, abort })
        waiting.get(call_id)?.start(abort)
      }
      holds.look()
      stopTimer = timers.after(waiting.size > 0 || holds.isDraining ? askAgainMs : LEASE_MS / 3, pump)
    } catch (error) {
      // Without the store nobody knows what may start or has ended: whoever waits hears of it.
      for (const { fail } of waiting.values()) fail(error)
      holds.fail(error)
    }
  }

  function idle() {
    store.renew(owner)
    return { started: [], askAgainMs: LEASE_MS / 3 }
  }

  function turnOf(call: ScheduledCall, signal: AbortSignal | undefined): Promise<AbortController> {
    signal?.throwIfAborted()
    store.enqueue(owner, call)
    const { promise, resolve, reject } = Promise.withResolvers<AbortController>()
    const leave = () => {
      waiting.delete(call.call_id)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      leave()
      reject(error)
    }
    const onAbort = () => {
      fail(signal?.reason)
      store.cancel(call.call_id, 'The caller cancelled the call while it waited.', owner)
    }
    const start = (abort: AbortController) => {
      leave()
      resolve(abort)
    }
    waiting.set(call.call_id, { call, start, fail })
    signal?.addEventListener('abort', onAbort, { once: true })
    pump()
    return promise
  }

  return {
    async run(call, { make, usedTokens, signal }) {
      const abort = await turnOf(call, signal)
      let used: number | undefined
      try {
        signal?.throwIfAborted()
        const ended = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal
        const result = await make(ended, (milliseconds) => store.close(call.provider_id, milliseconds))
        used = usedTokens(result)
        return result
      } finally {
        running.delete(call.call_id)
        store.finish(call.call_id, used)
        pump()
      }
    },
    hold: holds.open,
    close() {
      stopTimer()
    },
  }
}
