import type { EventDraft } from '@ctxlock/contracts/events'
import type { RoleExecutionIdentity } from '@ctxlock/contracts/packs'
import type { LlmClient, ProviderConfig } from '@ctxlock/contracts/provider'
import type { ModelAssignment } from '@ctxlock/contracts/work-profile'
import { findProvider, type ChosenModel } from '@ctxlock/governance'

import { endsAtHardGate, noModel } from '../profiles/no-model.ts'
import { profileForModel } from '../profiles/profile-for-model.ts'
import { routeRole } from '../profiles/route-role.ts'
import type { Session } from '../session/session.ts'
import { taskFacts, type CallIds, type CallSubject } from './call-subject.ts'
import { callEventBase } from './event-base.ts'
import { executionPolicyEvents } from './record/execution-policy-event.ts'

/** The model a call is built for; there is nothing here to ask it with. */
export interface CalledModel {
  readonly provider: ProviderConfig
  readonly model: Pick<ChosenModel, 'model_id' | 'tier'>
}

export interface IdentifiedCall {
  readonly identity: RoleExecutionIdentity
  readonly provider: ProviderConfig
  readonly model: ChosenModel
  /** The assignment in force, after the overrides of the profile (PROV-065). */
  readonly assignment: ModelAssignment
  readonly client: LlmClient
}

export interface Identification {
  readonly identified: IdentifiedCall
  /** What was resolved and under which policy: to be recorded with the first step that follows. */
  readonly resolved: readonly EventDraft[]
}

/**
 * Step 1: which model of which provider serves the role, and what tier its endpoint really has (PROV-045, PROV-066). When the call ends
 * here, what was resolved is on record.
 */
export async function identify(session: Session, subject: CallSubject, ids: CallIds): Promise<Identification> {
  const { probeModel } = session
  const role = subject.role.runtime_role
  const modelId = subject.attempt?.modelId
  const profile = modelId === undefined ? session.profile : profileForModel(session.profile, role, modelId)
  const routed = await routeRole(session, probeModel, { profile, role, task: taskFacts(subject) })
  const { chosen, rejected, profile_id, selection_policy, assignment } = routed.resolution
  const resolved: EventDraft[] = [
    {
      ...callEventBase(ids, subject),
      fr_event_id: 'FR-EVT-PROFILE-003',
      type: 'work_profile_resolved',
      payload: {
        profile_id,
        resolved_models: chosen ? { [role]: chosen.model_id } : {},
        role,
        selection_policy,
        rejected: rejected.map(({ model_id, reason }) => ({ model_id, reason })),
      },
    },
    ...(chosen ? executionPolicyEvents(ids, subject, assignment, chosen) : []),
    ...(endsAtHardGate(routed) ? [hardGate(ids, subject)] : []),
  ]
  try {
    const provider = chosen ? findProvider(session.registry, chosen.provider_id) : undefined
    if (!chosen || !provider) throw noModel(subject.role.role_id, routed)
    const client = await session.providers.client(provider)
    const identity = identityOf(subject, ids, chosen)
    return { identified: { provider, model: chosen, assignment, client, identity }, resolved }
  } catch (error) {
    session.recorder.recordAll(resolved)
    throw error
  }
}

/** FR-EVT-MT-006: nobody is left to be called without a person's decision (MT-017). */
function hardGate(ids: CallIds, subject: CallSubject) {
  return {
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-MT-006' as const,
    type: 'micro_task_hard_gate' as const,
    payload: { reason: 'escalation_exhausted' as const, level: 0 },
  }
}

function identityOf(subject: CallSubject, ids: CallIds, chosen: ChosenModel): RoleExecutionIdentity {
  return {
    role: subject.role.role_id,
    model_id: chosen.model_id,
    backend: chosen.tier,
    parameter_class: chosen.parameter_class,
    cloud_reasoning_strength: chosen.compute.cloud_reasoning_strength ?? null,
    session_id: ids.sessionId,
    model_instance_id: null,
    wp_id: subject.wpId,
    mt_id: subject.definition.mt_id,
  }
}
