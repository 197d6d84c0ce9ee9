import type { FlightEvent, UnhashedEvent } from '@ctxlock/contracts/events'
import type { Timers } from '@ctxlock/contracts/ports'

/** After so many events, or so long after the first of them, the log is signed. */
const MAX_EVENTS = 1000
const MAX_WAIT_MS = 60_000
/** As soon as nothing else is to be done: no call waits for a signature. */
const AT_ONCE_MS = 0
/** How long to wait for a transaction that is open just then. */
const RETRY_MS = 50

/** What is signed as soon as it is committed: answers of a person, and what ends a job. The end of a run its host signs itself. */
const SIGNED_AT_ONCE: ReadonlySet<FlightEvent['type']> = new Set([
  'cloud_escalation_approved',
  'cloud_escalation_denied',
  'gov_human_intervention_received',
  'security_violation',
])

export interface ScheduleOptions {
  readonly timers: Timers
  /** True when the host is in a transaction: what it holds may still be undone. */
  readonly isBusy: () => boolean
  /** Signs and anchors. What it throws is swallowed: the same fault meets the host at the end of the run, where it can say so. */
  readonly checkpoint: () => Promise<unknown>
}

export interface CheckpointSchedule {
  /** For `onAppend` of the recorder. */
  appended(events: readonly UnhashedEvent[]): void
  /** Forgets what is due; whoever closes signs once more where that is wanted. */
  close(): void
}

/** Says when a log is due for a checkpoint between the ends of its runs, off the path of every call. */
export function openCheckpointSchedule({ timers, isBusy, checkpoint }: ScheduleOptions): CheckpointSchedule {
  let waiting = 0
  let due: { readonly atOnce: boolean; cancel(): void } | undefined

  function schedule(atOnce: boolean, milliseconds: number): void {
    due?.cancel()
    due = { atOnce, cancel: timers.after(milliseconds, run) }
  }

  function run(): void {
    due = undefined
    if (isBusy()) return schedule(true, RETRY_MS)
    waiting = 0
    checkpoint().catch(() => undefined)
  }

  return {
    appended(events) {
      waiting += events.length
      const isDue = waiting >= MAX_EVENTS || events.some(({ type }) => SIGNED_AT_ONCE.has(type))
      if (isDue && !due?.atOnce) schedule(true, AT_ONCE_MS)
      else if (!due) schedule(false, MAX_WAIT_MS)
    },
    close() {
      due?.cancel()
      due = undefined
    },
  }
}
