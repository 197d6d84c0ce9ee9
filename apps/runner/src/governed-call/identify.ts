import type { RoleExecutionIdentity } from '@ctxlock/contracts/packs'
import { ProviderError, type LlmClient, type ProviderConfig } from '@ctxlock/contracts/provider'
import { findProvider, resolveRole, type ChosenModel } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { classifyHost } from '../providers/classify-host.ts'
import type { Session } from '../session/session.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import { callEventBase } from './event-base.ts'

export interface IdentifiedCall {
  readonly identity: RoleExecutionIdentity
  readonly provider: ProviderConfig
  readonly model: ChosenModel
  readonly client: LlmClient
}

/** Step 1: which model of which provider serves the role, and what tier its endpoint really has (PROV-045, PROV-066). */
export async function identify(session: Session, subject: CallSubject, ids: CallIds): Promise<IdentifiedCall> {
  const resolution = resolveRole(session.profile, subject.role.runtime_role, {
    registry: session.registry,
    classifyHost,
    // Readiness by probe belongs to the profiles' later step: here an enabled provider counts as ready.
    isReady: () => true,
    now: session.timestamp(),
  })
  const { chosen, rejected } = resolution
  session.recorder.record({
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-PROFILE-003',
    type: 'work_profile_resolved',
    payload: {
      profile_id: resolution.profile_id,
      resolved_models: chosen ? { [subject.role.runtime_role]: chosen.model_id } : {},
      role: subject.role.runtime_role,
      selection_policy: resolution.selection_policy,
      rejected: rejected.map(({ model_id, reason }) => ({ model_id, reason })),
    },
  })
  const provider = chosen ? findProvider(session.registry, chosen.provider_id) : undefined
  if (!chosen || !provider) throw noModel(subject, rejected)
  const client = await session.providers.client(provider)
  return {
    provider,
    model: chosen,
    client,
    identity: {
      role: subject.role.role_id,
      model_id: chosen.model_id,
      backend: chosen.tier,
      parameter_class: chosen.parameter_class,
      cloud_reasoning_strength: null,
      session_id: ids.sessionId,
      model_instance_id: null,
      wp_id: subject.wpId,
      mt_id: subject.definition.mt_id,
    },
  }
}

function noModel(
  subject: CallSubject,
  rejected: readonly { readonly model_id: string; readonly reason: string }[],
): Error {
  const reasons = rejected.map(({ model_id, reason }) => `${model_id} (${reason})`).join(', ')
  if (rejected.some(({ reason }) => reason === 'tier_refused')) {
    return new ProviderError('ssrf_blocked', `No model may serve the role ${subject.role.role_id}: ${reasons}.`, {
      attempts: 0,
      reason: 'tier_refused',
    })
  }
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'CX-MM-001',
    message: `no model may serve the role ${subject.role.role_id}: ${reasons === '' ? 'the profile names none' : reasons}`,
    hint: 'Look at `ctxlock providers`, then at `profiles` in the config.',
  })
}
