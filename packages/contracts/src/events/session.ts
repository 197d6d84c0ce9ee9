// Model sessions, their scheduler and spawned sessions (MT-062..065, MT-068).
import { z } from 'zod'

import { ModelSessionState } from '../model-session.ts'
import { RuntimeRole } from '../packs.ts'
import { Count, Hash } from '../primitives.ts'
import { ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, EventCode, EventIdentifier, EventText, Milliseconds, listOf } from './fields.ts'

const Lane = z.enum(['PRIMARY', 'SUBAGENT', 'BACKGROUND', 'VALIDATION'])
const Amount = z.number().min(0)

const SessionCreated = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-001', 'session.created'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    model_id: EventIdentifier,
    backend: z.enum(['local', 'cloud']),
    role: RuntimeRole,
    memory_policy: z.enum(['EPHEMERAL', 'SESSION_SCOPED', 'WORKSPACE_SCOPED']),
    spawn_depth: Count,
  }),
})
const SessionStateChange = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-002', 'session.state_change'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    from_state: ModelSessionState,
    to_state: ModelSessionState,
    reason: EventText,
  }),
})
const SessionCompleted = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-003', 'session.completed'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    total_tokens: Count,
    total_cost_usd: Amount,
    duration_ms: Milliseconds,
    messages_count: Count,
  }),
})
const SessionMessage = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-004', 'session.message'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    message_id: EventIdentifier,
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content_hash: Hash,
    token_count: Count,
  }),
})
const SessionBudgetWarning = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-005', 'session.budget_warning'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    budget_type: EventCode,
    current_value: Amount,
    threshold_value: Amount,
  }),
})

const scheduled = { session_id: EventIdentifier, job_id: EventIdentifier }

const SchedulerEnqueue = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SCHED-001', 'session_scheduler.enqueue'),
  payload: z.strictObject({ ...scheduled, lane: Lane, priority: Count, concurrency_group: EventIdentifier }),
})
const SchedulerDispatch = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SCHED-002', 'session_scheduler.dispatch'),
  payload: z.strictObject({ ...scheduled, lane: Lane, queue_wait_ms: Milliseconds }),
})
const SchedulerRateLimited = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SCHED-003', 'session_scheduler.rate_limited'),
  payload: z.strictObject({ ...scheduled, provider: EventIdentifier, backoff_ms: Milliseconds, attempt: Count }),
})
const SchedulerCancelled = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SCHED-004', 'session_scheduler.cancelled'),
  payload: z.strictObject({ ...scheduled, reason: EventText, cancelled_by: EventIdentifier }),
})

// The source names these five and gives no payload; the fields are ours.
const SpawnRequested = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SPAWN-001', 'session.spawn_requested'),
  payload: z.strictObject({ parent_session_id: EventIdentifier, role: RuntimeRole, spawn_depth: Count }),
})
const SpawnAccepted = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SPAWN-002', 'session.spawn_accepted'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    parent_session_id: EventIdentifier,
    spawn_depth: Count,
  }),
})
const SpawnRejected = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SPAWN-003', 'session.spawn_rejected'),
  payload: z.strictObject({ parent_session_id: EventIdentifier, reason: EventCode }),
})
const AnnounceBack = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SPAWN-004', 'session.announce_back'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    parent_session_id: EventIdentifier,
    artifact_ref: ArtifactReference,
  }),
})
const CascadeCancel = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-SESS-SPAWN-005', 'session.cascade_cancel'),
  payload: z.strictObject({
    session_id: EventIdentifier,
    cancelled_session_ids: listOf(EventIdentifier),
    reason: EventCode,
  }),
})

export const SESSION_EVENTS = [
  SessionCreated,
  SessionStateChange,
  SessionCompleted,
  SessionMessage,
  SessionBudgetWarning,
  SchedulerEnqueue,
  SchedulerDispatch,
  SchedulerRateLimited,
  SchedulerCancelled,
  SpawnRequested,
  SpawnAccepted,
  SpawnRejected,
  AnnounceBack,
  CascadeCancel,
] as const
