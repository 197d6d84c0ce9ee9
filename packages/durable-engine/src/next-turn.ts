import type { Timers } from '@ctxlock/contracts/ports'

/** Calls back when everything that is possible now has happened. One timer for all, so that what they write shares one commit. */
export type NextTurn = (callback: () => void) => void

export function openNextTurn(timers: Timers): NextTurn {
  let callbacks: (() => void)[] = []
  return (callback) => {
    callbacks.push(callback)
    if (callbacks.length > 1) return
    timers.after(0, () => {
      const due = callbacks
      callbacks = []
      for (const call of due) call()
    })
  }
}
