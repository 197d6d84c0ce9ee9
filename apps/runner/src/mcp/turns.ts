/** Lets one piece of work run at a time: two calls of one client must not lock or record at once. */
export interface Turns {
  /** Runs the work when it is its turn; a call that was cancelled while it waited is not run at all. */
  take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>
  /** Settles when nothing is left to do. */
  idle(): Promise<void>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(signal, work) {
      const turn = last.then(async () => {
        signal.throwIfAborted()
        return work()
      })
      last = turn.catch(() => undefined)
      return turn
    },
    async idle() {
      await last
    },
  }
}
