import type { InTurn } from '../governed-call/call-turn.ts'
import type { Session } from '../session/session.ts'
import type { CallTiming } from './model-reply.ts'

export interface TimedTurn {
  readonly inTurn: InTurn
  /** Aborted when the time of the call is over. */
  readonly signal: AbortSignal
  /** Of the call, from its turn on. */
  timing(): CallTiming
  end(): void
}

/** A turn whose time begins when it comes: neither the queue nor a person who has to consent uses up the time of a call. */
export function timedTurn(
  { environment: { clock, timers }, timestamp }: Pick<Session, 'environment' | 'timestamp'>,
  timeoutMs: number,
  inTurn: InTurn = (_, make, signal) => make(signal),
): TimedTurn {
  const timeout = new AbortController()
  let began = { at: timestamp(), instant: clock.monotonic() }
  let cancelTimer = (): void => {}
  return {
    signal: timeout.signal,
    inTurn: (call, make, signal) =>
      inTurn(
        call,
        (...given) => {
          began = { at: timestamp(), instant: clock.monotonic() }
          cancelTimer = timers.after(timeoutMs, () => timeout.abort())
          return make(...given)
        },
        signal,
      ),
    timing: () => ({
      startedAt: began.at,
      durationMs: Math.round(clock.monotonic() - began.instant),
      timedOut: timeout.signal.aborted,
    }),
    end: () => cancelTimer(),
  }
}
