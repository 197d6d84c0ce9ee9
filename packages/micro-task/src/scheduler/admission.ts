import type { Lane, ScheduledCall, SchedulerLimits } from '@ctxlock/contracts/scheduler'

import { lanesInTurn, type LanePasses } from './lane-shares.ts'
import { refilled, waitFor, type Bucket } from './token-bucket.ts'

export interface ProviderBuckets {
  readonly requests: Bucket
  readonly tokens: Bucket
}

/** What decides: the most urgent waiting call of each lane and model, what is running, how full the buckets are. */
export interface SchedulerView {
  readonly heads: readonly ScheduledCall[]
  readonly running: readonly Pick<ScheduledCall, 'provider_id' | 'model_id' | 'lane'>[]
  readonly passes: LanePasses
  readonly buckets: ReadonlyMap<string, ProviderBuckets>
  /** Until when providers take no calls, in milliseconds since the Unix epoch. */
  readonly closed: ReadonlyMap<string, number>
}

export interface Admission {
  readonly next: ScheduledCall | undefined
  /** Calls that only wait for their provider's rate, and for how many milliseconds. */
  readonly rateLimited: readonly { readonly call: ScheduledCall; readonly waitMs: number }[]
}

/**
 * Which call starts next. Lanes take turns by their share; what is blocked by a full provider or model is passed over, because
 * nobody else can take that slot from it. A call that waits for its provider's rate closes the provider for those behind
 * it, which would use up what it waits for, and so does one whose provider said that it takes none (MT-063). Pure.
 */
export function admit(view: SchedulerView, limits: SchedulerLimits, now: number): Admission {
  const closed = new Set<string>()
  const rateLimited: { call: ScheduledCall; waitMs: number }[] = []
  for (const lane of lanesInTurn(view.passes)) {
    for (const call of view.heads.filter((head) => head.lane === lane)) {
      if (closed.has(call.provider_id) || !hasSlot(call, view.running, limits)) continue
      const waitMs = rateWait(call, view, limits, now)
      if (waitMs === 0) return { next: call, rateLimited }
      closed.add(call.provider_id)
      rateLimited.push({ call, waitMs })
    }
  }
  return { next: undefined, rateLimited }
}

function hasSlot(call: ScheduledCall, running: SchedulerView['running'], limits: SchedulerLimits): boolean {
  const ofProvider = running.filter(({ provider_id }) => provider_id === call.provider_id)
  const ofModel = ofProvider.filter(({ model_id }) => model_id === call.model_id)
  return (
    isFree(call.lane, running, limits.max_concurrent_sessions_global) &&
    isFree(call.lane, ofProvider, limits.max_concurrent_sessions_per_provider) &&
    isFree(call.lane, ofModel, limits.max_concurrent_sessions_per_model)
  )
}

/** Of two slots or more the last one is kept for the primary lane, which never waits for a long call in the background. */
function isFree(lane: Lane, running: readonly { readonly lane: Lane }[], slots: number): boolean {
  if (running.length >= slots) return false
  if (lane === 'PRIMARY' || slots === 1) return true
  return running.filter((other) => other.lane !== 'PRIMARY').length < slots - 1
}

function rateWait(
  { provider_id, tokens: wanted }: ScheduledCall,
  { buckets, closed }: SchedulerView,
  { rate_limit_requests_per_minute: requests, rate_limit_tokens_per_minute: tokens }: SchedulerLimits,
  now: number,
): number {
  const known = buckets.get(provider_id)
  return Math.max(
    (closed.get(provider_id) ?? now) - now,
    !known || requests === null ? 0 : waitFor(refilled(known.requests, requests, now), requests, 1),
    !known || tokens === null ? 0 : waitFor(refilled(known.tokens, tokens, now), tokens, wanted),
    0,
  )
}
