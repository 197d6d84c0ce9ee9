import type { RegenerationOutcome } from '@ctxlock/contracts/freshness'
import type { Clock, Timers } from '@ctxlock/contracts/ports'

import type { FreshnessReads } from './current-hashes.ts'
import { examinePack, type Examination, type PackToExamine } from './examination.ts'
import { FreshnessError } from './freshness-error.ts'
import { identifyPack } from './stored-pack.ts'

/** Rebuilds one pack and stores it (`refresh_context_pack`). Returns the new ContextPackRecord; it is examined like any other. */
export type Regenerate = (stale: PackToExamine, options: { readonly signal: AbortSignal }) => unknown

export interface RegenerationOptions {
  /** Without a builder nothing is attempted. */
  readonly regenerate?: Regenerate
  /** `refresh_on_stale`: whether a rebuild that is allowed but not required is attempted. Default true (FG-015). */
  readonly refreshOnStale?: boolean
  /** Milliseconds a rebuild may take: the lesser of 10 000, the default, and what the job has left (FG-017). */
  readonly timeoutMs?: number
  /** Takes one of the job's tool calls; false when none is left (FG-017). */
  readonly takeToolCall?: () => boolean
  /** Cancels a rebuild that is under way (FG-016). */
  readonly signal?: AbortSignal
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
}

export interface Regeneration {
  readonly outcome: RegenerationOutcome
  /** What was built, as it was found on looking again. */
  readonly rebuilt?: Examination
  /** Why a rebuild failed; for the operator's log, not for records. */
  readonly error?: unknown
}

const DEFAULT_TIMEOUT_MS = 10_000
const NOT_ATTEMPTED: Regeneration = { outcome: 'not_attempted' }

/** At most one attempt (FG-015), then a look at what was built (FG-014). Whatever the builder does is an outcome, never thrown. */
export async function regenerateOnce(
  stored: PackToExamine,
  found: Examination,
  permitted: { readonly allowed: boolean; readonly required: boolean },
  reads: FreshnessReads,
  options: RegenerationOptions,
): Promise<Regeneration> {
  const { regenerate, refreshOnStale = true, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const wanted = permitted.required || refreshOnStale
  if (!permitted.allowed || !wanted || !regenerate || timeoutMs <= 0) return NOT_ATTEMPTED
  if (options.signal?.aborted || options.takeToolCall?.() === false) return NOT_ATTEMPTED
  const built = await runBuilder((signal) => regenerate(stored, { signal }), timeoutMs, options)
  if ('error' in built) return { outcome: 'attempted_failed', error: built.error }
  // Not from the memo: a file may have changed while the pack was built (FG-012, FG-014).
  const rebuilt = examinePack({ ...stored, record: built.record, target: found.target }, reads)
  return { outcome: rebuilt.state === 'fresh' ? 'performed_fresh' : 'performed_still_stale', rebuilt }
}

type Built = { readonly record: unknown } | { readonly error: unknown }

/** Races the builder against its time limit and the job's cancellation; a late result is dropped. */
async function runBuilder(
  build: (signal: AbortSignal) => unknown,
  timeoutMs: number,
  { clock, timers, signal }: RegenerationOptions,
): Promise<Built> {
  const controller = new AbortController()
  const started = clock.monotonic()
  const timeout = new FreshnessError('REGENERATION_TIMEOUT', `The builder took longer than ${timeoutMs} ms.`)
  const interrupted = Promise.withResolvers<never>()
  const onAbort = () =>
    interrupted.reject(new FreshnessError('REGENERATION_CANCELLED', 'The job was cancelled while the builder ran.'))
  const cancelTimer = timers.after(timeoutMs, () => interrupted.reject(timeout))
  signal?.addEventListener('abort', onAbort)
  try {
    const record = await Promise.race([callBuilder(build, controller.signal), interrupted.promise])
    // A builder that never yields keeps the timer from firing; the clock still tells.
    if (clock.monotonic() - started > timeoutMs) throw timeout
    identifyPack(record)
    return { record }
  } catch (error) {
    return { error }
  } finally {
    cancelTimer()
    signal?.removeEventListener('abort', onAbort)
    controller.abort()
  }
}

/** An async function, so that a builder that throws at once is a rejection like any other. */
async function callBuilder(build: (signal: AbortSignal) => unknown, signal: AbortSignal): Promise<unknown> {
  return await build(signal)
}
