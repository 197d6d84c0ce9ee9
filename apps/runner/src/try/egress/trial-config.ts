import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import type { ResolvedConfig } from '../../workspace/default-config.ts'

/** What an attack changes of the trial's settings. */
export interface TrialSettings {
  /** `cloud` declares the sink a cloud, as it is meant; `local` claims that its cloud-served model runs here. */
  readonly declared: 'cloud' | 'local'
  readonly locked: boolean
}

/** The sink declared as what it stands for. */
export const AS_MEANT: TrialSettings = { declared: 'cloud', locked: false }

export const TRIAL_KEY = { name: 'CTXLOCK_TRY_KEY', value: 'try-egress-is-no-secret' }

/** The visitor's config with the sink as the only model; every file may be asked about, because nothing can leave this machine. */
export function trialConfig(
  sinkUrl: string,
  { declared, locked }: TrialSettings,
): (config: ResolvedConfig) => ResolvedConfig {
  // A name under which a server on this machine passes requests on to a cloud (PROV-045).
  const modelId = declared === 'cloud' ? 'sink' : 'sink:cloud'
  const assignment: ModelAssignment = { primary_model_id: modelId, local_only: declared === 'local' }
  const profile: WorkProfile = {
    schema_version: 'hsk.work_profile@0.6',
    profile_id: `try-egress-${declared}`,
    name: 'try egress',
    model_assignments: { frontend: assignment, orchestrator: assignment, worker: assignment, validator: assignment },
    governance: { automation_level: 'HYBRID', allow_cloud_escalation: true, max_cloud_escalations_per_job: 9 },
  }
  return (config) => ({
    ...config,
    sources: { ...config.sources, exportable: ['**'] },
    embedding: undefined,
    providers: [
      {
        provider_id: 'sink',
        kind: 'openai_compat',
        declared_tier: declared,
        base_url: `${sinkUrl}/v1`,
        secret_ref: { source: 'env', name: TRIAL_KEY.name },
        default_model_id: modelId,
        models: [],
        network: {
          allow_private_hosts: declared === 'cloud' ? [new URL(sinkUrl).host] : [],
          allow_ports: [],
          redirects: 'deny',
        },
        enabled: true,
      },
    ],
    profiles: [profile],
    activeProfile: profile.profile_id,
    policy: { ...config.policy, automationLevel: locked ? 'LOCKED' : 'HYBRID' },
  })
}
