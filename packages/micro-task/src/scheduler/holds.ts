import type { HeldCalls } from '../swap/swap-ports.ts'

export interface Holds {
  models(): ReadonlySet<string>
  /** `onRelease` is called when calls to the model may start again. */
  open(modelId: string, onRelease: () => void): HeldCalls
  callEnded(modelId: string): void
}

/** Which models get no new calls, and when the last call to each of them has ended. */
export function createHolds(runningOf: (modelId: string) => readonly { readonly abort: AbortController }[]): Holds {
  const open = new Map<symbol, { readonly modelId: string; readonly resolve: () => void }>()
  const settle = (modelId: string) => {
    if (runningOf(modelId).length > 0) return
    for (const hold of open.values()) if (hold.modelId === modelId) hold.resolve()
  }
  return {
    models: () => new Set([...open.values()].map(({ modelId }) => modelId)),
    callEnded: settle,
    open(modelId, onRelease) {
      const key = Symbol(modelId)
      const { promise: idle, resolve } = Promise.withResolvers<void>()
      open.set(key, { modelId, resolve })
      settle(modelId)
      return {
        idle,
        abort() {
          for (const { abort } of runningOf(modelId)) abort.abort()
        },
        release() {
          if (open.delete(key)) onRelease()
        },
      }
    },
  }
}
