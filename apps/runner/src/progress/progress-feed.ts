import type { UnhashedEvent } from '@ctxlock/contracts/events'
import { isProgress, type ProgressEvent } from '@ctxlock/contracts/progress'

/**
 * How runs get on, for whoever follows one in the process that works on it: the events it records, as they stand in the log
 * (decisions/0047). Another process reads them there.
 */
export interface ProgressFeed {
  /** For `onAppend` of the recorder. */
  appended(events: readonly UnhashedEvent[]): void
  /** Tells of every progress event of one run from now on, in order; returns what ends that, after the last was told. */
  follow(runId: string, tell: (event: ProgressEvent) => void): () => void
}

export function createProgressFeed(): ProgressFeed {
  const followers = new Map<string, (event: ProgressEvent) => void>()
  let untold: { readonly event: ProgressEvent; readonly tell: (event: ProgressEvent) => void }[] = []

  function tellAll(): void {
    const now = untold
    untold = []
    for (const { event, tell } of now) tell(event)
  }
  return {
    appended(events) {
      for (const event of events) {
        const tell = followers.get(event.workflow_run_id ?? '')
        if (!tell || !isProgress(event)) continue
        // Transactions do not wait: when this code has returned, the one that is open has been committed.
        if (untold.push({ event, tell }) === 1) queueMicrotask(tellAll)
      }
    },
    follow(runId, tell) {
      followers.set(runId, tell)
      return () => {
        followers.delete(runId)
        tellAll()
      }
    },
  }
}
