import { clientModelHost, type ModelHost } from '@ctxlock/micro-task'
import type { RuntimeRole } from '@ctxlock/contracts/packs'
import { ProviderError } from '@ctxlock/contracts/provider'
import { findProvider, resolveRole, type ModelAtProvider, type RoleResolution } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import { profileForModel } from '../../profiles/profile-for-model.ts'
import type { Session } from '../../session/session.ts'

/** Who would serve the role if the model were ready, or why nobody may: profile, lists and tier decide, no server is asked. */
export function routeTo(
  session: Pick<Session, 'profile' | 'registry' | 'timestamp'>,
  role: RuntimeRole,
  modelId: string,
): RoleResolution {
  const { registry, profile } = session
  const routing = { registry, deriveTier, now: session.timestamp(), isReady: () => true }
  return resolveRole(profileForModel(profile, role, modelId), role, routing)
}

/** The servers of the models this role may use, for loading and unloading them. */
export function hostedModels(session: Session, role: RuntimeRole): ModelHost {
  return clientModelHost(async (modelId) => {
    const { chosen } = routeTo(session, role, modelId)
    const provider = chosen ? findProvider(session.registry, chosen.provider_id) : undefined
    if (!provider) throw notServed(chosen)
    const memoryMb = provider.models.find(({ model_id }) => model_id === modelId)?.memory_mb
    return { client: await session.providers.client(provider), ...(memoryMb !== undefined && { memoryMb }) }
  })
}

function notServed(chosen: ModelAtProvider | null): ProviderError {
  const who = chosen === null ? 'no provider may serve it' : 'its provider is gone'
  return new ProviderError('model_not_found', `The model cannot be loaded: ${who}.`, { attempts: 0 })
}
