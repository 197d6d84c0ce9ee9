import { oneModelProfile } from './work-profile.ts'

/** A config whose worker has these models, one level each, and a person above them. */
export function ollamaConfig(
  url: string,
  models: readonly string[],
  policy: Readonly<Record<string, unknown>> = {},
): string {
  const levels = models.map((model_id, level) => ({ level, model_id, is_cloud: false, is_hard_gate: false }))
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    providers: [
      {
        provider_id: 'near',
        kind: 'ollama',
        declared_tier: 'local',
        base_url: url,
        secret_ref: null,
        default_model_id: models[0],
        models: models.map((model_id) => ({ model_id })),
        network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    ...oneModelProfile(models[0]),
    execution: {
      commands: ['node'],
      policy: {
        escalation_chain: [
          ...levels,
          { level: levels.length, model_id: 'HARD_GATE', is_cloud: false, is_hard_gate: true },
        ],
        ...policy,
      },
    },
  })
}
