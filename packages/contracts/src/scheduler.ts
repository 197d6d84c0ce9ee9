// Limits on model calls (spec 08 section 14). They hold for calls only: a job that waits for a person takes none of them.
import { z } from 'zod'

import { Count, Identifier } from './primitives.ts'

/** From the most urgent on. Every lane gets its share; a slot is always kept for the first (MT-063). */
export const LANES = ['PRIMARY', 'VALIDATION', 'SUBAGENT', 'BACKGROUND'] as const
export const Lane = z.enum(LANES)
export type Lane = z.infer<typeof Lane>

export const SchedulerLimits = z
  .strictObject({
    max_concurrent_sessions_global: z.int().min(1),
    max_concurrent_sessions_per_provider: z.int().min(1),
    max_concurrent_sessions_per_model: z.int().min(1),
    /** Of each provider; null is unlimited. */
    rate_limit_requests_per_minute: z.int().min(1).nullable(),
    rate_limit_tokens_per_minute: z.int().min(1).nullable(),
  })
  .meta({ id: 'SchedulerLimits' })
export type SchedulerLimits = z.infer<typeof SchedulerLimits>

export const DEFAULT_SCHEDULER_LIMITS: SchedulerLimits = {
  max_concurrent_sessions_global: 8,
  max_concurrent_sessions_per_provider: 4,
  max_concurrent_sessions_per_model: 2,
  rate_limit_requests_per_minute: null,
  rate_limit_tokens_per_minute: null,
}

/** One model call that wants to be made. */
export const ScheduledCall = z
  .strictObject({
    call_id: Identifier,
    job_id: Identifier,
    session_id: Identifier,
    provider_id: Identifier,
    model_id: Identifier,
    lane: Lane,
    /** 0 is the most urgent of its lane; 50 when nothing else is said. */
    priority: z.int().min(0).max(100),
    /** What it may cost: the tokens of the prompt and the most the model may write. */
    tokens: Count,
  })
  .meta({ id: 'ScheduledCall' })
export type ScheduledCall = z.infer<typeof ScheduledCall>
