import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import { deriveTier, registry } from './providers.ts'
import type { ProviderRegistry, RoutingContext } from '../index.ts'

export const NOW = '2026-11-20T12:00:00.000Z'

export function assignment(primary_model_id: string, changes: Partial<ModelAssignment> = {}): ModelAssignment {
  return { primary_model_id, local_only: false, ...changes }
}

/** A profile in which every role has the same assignment. */
export function profile(everyone: ModelAssignment, changes: Partial<WorkProfile> = {}): WorkProfile {
  return {
    schema_version: 'hsk.work_profile@0.6',
    profile_id: 'p1',
    name: 'Test profile',
    model_assignments: { frontend: everyone, orchestrator: everyone, worker: everyone, validator: everyone },
    governance: { automation_level: 'HYBRID', allow_cloud_escalation: true },
    ...changes,
  }
}

export function context(providers: ProviderRegistry = registry(), changes: Partial<RoutingContext> = {}): RoutingContext {
  return { registry: providers, deriveTier, isReady: () => true, now: NOW, ...changes }
}
