import type { EventDraft } from '@ctxlock/contracts/events'
import type { ModelSession, ModelSessionState } from '@ctxlock/contracts/model-session'

import { endSessions } from '../session/end-sessions.ts'
import { hasSessionEnded } from '../session/model-sessions.ts'
import type { Session } from '../session/session.ts'
import { costOfReply } from './budget/run-cost.ts'
import { tokenUsage } from './budget/token-usage.ts'
import type { CallOptions } from './call-options.ts'
import type { CallReply } from './call-reply.ts'
import { modelSessionId, type CallIds, type CallSubject } from './call-subject.ts'
import type { CloudDecision } from './cloud-decision.ts'
import type { CompiledCall } from './context/compile-call.ts'
import { callEventBase } from './event-base.ts'
import type { IdentifiedCall } from './identify.ts'
import type { BoundCall } from './packs/bind-packs.ts'

/** A call as its session knows it. */
export interface SessionCall {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
  readonly options: Pick<CallOptions, 'resumeId'>
}

/**
 * The session of a call, on record before the call is prepared (MT-068, FR-EVT-SESS-001). A call that is made again, after a failure, a
 * consent, a swap or a crash, goes on with its session: one that a dead process left `ACTIVE` has no call.
 */
export function openModelSession(session: Session, call: SessionCall, { rolePack }: BoundCall): void {
  session.state.unsynced(() => {
    const known = session.modelSessions.find(modelSessionId(call.ids))
    if (!known) return create(session, call, rolePack.capabilities)
    if (known.model_id !== call.identified.model.model_id)
      session.modelSessions.put({ ...known, ...modelOf(call) }, placeOf(call))
    if (known.state === 'ACTIVE') record(session, () => moved(session, call, 'PAUSED', 'process_ended'))
  })
}

/** A person has to answer first. */
export function blockModelSession(session: Session, call: SessionCall): void {
  record(session, () => moved(session, call, 'BLOCKED', 'consent_awaited'))
}

/** The call leaves: part of the transaction of its intent, which records the events. */
export function enterModelSession(
  session: Session,
  call: SessionCall & { readonly compiled: CompiledCall },
  decision: CloudDecision,
): EventDraft[] {
  const { stable_prefix, variable_suffix } = call.compiled.envelope
  const { consent_receipt_id = null, projection_plan_id = null } = decision.tier === 'cloud' ? decision : {}
  return moved(session, call, 'ACTIVE', 'call_dispatched', {
    context_window_used: stable_prefix.token_estimate + variable_suffix.token_estimate,
    consent_receipt_id,
    projection_plan_id,
  })
}

/**
 * The call came back: part of the transaction that settles it, which records the events. An iteration of the executor that failed may be tried again under
 * the same session, but for a child run, whose one call it was.
 */
export function leaveModelSession(session: Session, call: SessionCall, reply: CallReply): EventDraft[] {
  if (reply.status === 'failed') {
    const isTriedAgain = call.subject.attempt !== undefined && call.ids.parentJobId === undefined
    return moved(session, call, isTriedAgain ? 'PAUSED' : 'FAILED', reply.error.code)
  }
  const { usage, timings } = reply.result
  const { total_tokens } = tokenUsage(usage)
  return [
    ...moved(session, call, 'COMPLETED', 'call_answered', { context_window_used: total_tokens }),
    {
      ...callEventBase(call.ids, call.subject),
      fr_event_id: 'FR-EVT-SESS-003',
      type: 'session.completed',
      payload: {
        session_id: modelSessionId(call.ids),
        total_tokens,
        // 0 where nobody knows: the settled call says which it is.
        total_cost_usd: (costOfReply(call.identified, reply) ?? 0) / 1_000_000,
        duration_ms: Math.round(timings.totalMs),
        messages_count: 2,
      },
    },
  ]
}

/** Ends a session without a call. */
export function endModelSession(
  session: Session,
  call: Pick<SessionCall, 'subject' | 'ids' | 'options'>,
  state: 'FAILED' | 'CANCELLED',
  reason: string,
): void {
  record(session, () => moved(session, call, state, reason))
}

/** A change and its event, or neither. */
function record(session: Pick<Session, 'recorder' | 'state'>, change: () => EventDraft[]): void {
  session.state.unsynced(() => {
    const events = change()
    if (events.length > 0) session.recorder.recordAll(events)
  })
}

function create(session: Session, call: SessionCall, capabilities: readonly string[]): void {
  const { subject, ids } = call
  const now = session.timestamp()
  const created: ModelSession = {
    schema_version: 'ctxlock.model_session@1',
    session_id: modelSessionId(ids),
    parent_session_id: ids.parentSessionId ?? null,
    spawn_depth: ids.parentSessionId === undefined ? 0 : 1,
    state: 'CREATED',
    ...modelOf(call),
    role: subject.role.runtime_role,
    wp_id: subject.wpId,
    mt_id: subject.definition.mt_id,
    work_profile_id: session.profile.profile_id,
    execution_mode: 'SINGLE_MODEL_MULTI_ROLE',
    created_at: now,
    updated_at: now,
    memory_policy: 'EPHEMERAL',
    context_window_used: 0,
    consent_receipt_id: null,
    projection_plan_id: null,
    capability_grants: [...capabilities],
    capability_token_ids: [],
    checkpoint_artifact_id: null,
    last_checkpoint_at: null,
  }
  endAbandoned(session, call)
  session.modelSessions.put(created, placeOf(call))
  const { session_id, model_id, backend, role, memory_policy, spawn_depth } = created
  session.recorder.record({
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-SESS-001',
    type: 'session.created',
    payload: { session_id, model_id, backend, role, memory_policy, spawn_depth },
  })
}

/** A question has one session at a time: one that stands open beside a new one was left by a process that died. */
function endAbandoned(session: Session, { ids, subject, options }: SessionCall): void {
  if (subject.attempt !== undefined) return
  const left = session.modelSessions.ofRun(options.resumeId ?? ids.runId)
  endSessions(session, ids.runId, left, { state: 'FAILED', reason: 'process_ended' })
}

/** FR-EVT-SESS-002, to be recorded with the change; a session that has ended stays what it is. */
function moved(
  session: Pick<Session, 'modelSessions' | 'timestamp'>,
  call: Pick<SessionCall, 'subject' | 'ids' | 'options'>,
  state: ModelSessionState,
  reason: string,
  change: Partial<ModelSession> = {},
): EventDraft[] {
  const known = session.modelSessions.find(modelSessionId(call.ids))
  if (!known || known.state === state || hasSessionEnded(known)) return []
  session.modelSessions.put({ ...known, ...change, state, updated_at: session.timestamp() }, placeOf(call))
  return [
    {
      ...callEventBase(call.ids, call.subject),
      fr_event_id: 'FR-EVT-SESS-002',
      type: 'session.state_change',
      payload: { session_id: known.session_id, from_state: known.state, to_state: state, reason },
    },
  ]
}

function modelOf({ identified: { model, client } }: SessionCall) {
  return {
    model_id: model.model_id,
    backend: model.tier,
    parameter_class: model.parameter_class,
    context_window_max: client.profile(model.model_id).max_context_tokens,
  }
}

function placeOf({ ids, options }: Pick<SessionCall, 'ids' | 'options'>) {
  return { runId: options.resumeId ?? ids.runId, callId: ids.callId }
}
