import type { HeldCalls } from '../swap/swap-ports.ts'
import type { LimitStore } from './limit-store.ts'

export interface Holds {
  /** Whether one is open; its owner has to say that it lives. */
  readonly isOpen: boolean
  /** Whether one waits for calls that are under way, perhaps of another process. */
  readonly isDraining: boolean
  open(modelId: string): HeldCalls
  /** Looks which models have no call under way any more. */
  look(): void
  fail(error: unknown): void
}

interface Hold {
  readonly modelId: string
  readonly idle: PromiseWithResolvers<void>
  isIdle: boolean
  /** The calls of this process were told to end; those of others are waited for no longer. */
  isAborted: boolean
}

export interface HoldsOptions {
  readonly store: Pick<LimitStore, 'hold' | 'release' | 'running'>
  readonly owner: string
  /** The calls of this process. */
  runningHere(modelId: string): readonly { readonly abort: AbortController }[]
  /** Called when a hold was opened or released: calls may start again, or others have to be looked at. */
  onChange(): void
}

/** Which models get no new calls from any process, and when the last call to each of them has ended. */
export function createHolds({ store, owner, runningHere, onChange }: HoldsOptions): Holds {
  const open = new Map<string, Hold>()
  let opened = 0

  function look(): void {
    for (const hold of open.values()) {
      if (hold.isIdle) continue
      const running = hold.isAborted ? runningHere(hold.modelId).length : store.running(hold.modelId)
      if (running > 0) continue
      hold.isIdle = true
      hold.idle.resolve()
    }
  }

  return {
    get isOpen() {
      return open.size > 0
    },
    get isDraining() {
      return [...open.values()].some(({ isIdle }) => !isIdle)
    },
    open(modelId) {
      const holdId = `${owner}/${(opened += 1)}`
      const hold: Hold = { modelId, idle: Promise.withResolvers(), isIdle: false, isAborted: false }
      // Whoever holds may fail before it waits.
      hold.idle.promise.catch(() => {})
      store.hold(owner, holdId, modelId)
      open.set(holdId, hold)
      onChange()
      return {
        idle: hold.idle.promise,
        abort() {
          hold.isAborted = true
          for (const { abort } of runningHere(modelId)) abort.abort()
          look()
        },
        release() {
          if (!open.delete(holdId)) return
          store.release(holdId)
          onChange()
        },
      }
    },
    look,
    fail(error) {
      for (const { idle } of open.values()) idle.reject(error)
    },
  }
}
