import type { ScheduledCall } from '@ctxlock/contracts/scheduler'

import type { SchedulerEvent } from './limit-store.ts'

export function enqueued({ session_id, job_id, lane, priority, provider_id, model_id }: ScheduledCall): SchedulerEvent {
  return {
    fr_event_id: 'FR-EVT-SESS-SCHED-001',
    type: 'session_scheduler.enqueue',
    payload: { session_id, job_id, lane, priority, concurrency_group: `${provider_id}/${model_id}`.slice(0, 256) },
  }
}

export function dispatched({ session_id, job_id, lane }: ScheduledCall, queue_wait_ms: number): SchedulerEvent {
  return {
    fr_event_id: 'FR-EVT-SESS-SCHED-002',
    type: 'session_scheduler.dispatch',
    payload: { session_id, job_id, lane, queue_wait_ms },
  }
}

export function rateLimited(
  { session_id, job_id, provider_id }: ScheduledCall,
  backoff_ms: number,
  attempt: number,
): SchedulerEvent {
  return {
    fr_event_id: 'FR-EVT-SESS-SCHED-003',
    type: 'session_scheduler.rate_limited',
    payload: { session_id, job_id, provider: provider_id, backoff_ms, attempt },
  }
}

export function cancelled({ session_id, job_id }: ScheduledCall, reason: string, cancelled_by: string): SchedulerEvent {
  return {
    fr_event_id: 'FR-EVT-SESS-SCHED-004',
    type: 'session_scheduler.cancelled',
    payload: { session_id, job_id, reason, cancelled_by },
  }
}
