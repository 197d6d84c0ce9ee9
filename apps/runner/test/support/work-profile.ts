interface ProfileOptions {
  readonly name?: string
  readonly localOnly?: boolean
  readonly governance?: Readonly<Record<string, unknown>>
}

/** The part of a config by which one model serves every role, and nothing goes to a cloud. */
export function oneModelProfile(
  modelId: string | undefined,
  { name = 'test', localOnly = true, governance = {} }: ProfileOptions = {},
) {
  const assignment = { primary_model_id: modelId, local_only: localOnly }
  return {
    profiles: [
      {
        schema_version: 'hsk.work_profile@0.6',
        profile_id: name,
        name,
        model_assignments: {
          frontend: assignment,
          orchestrator: assignment,
          worker: assignment,
          validator: assignment,
        },
        governance: { automation_level: 'HYBRID', allow_cloud_escalation: false, ...governance },
      },
    ],
    active_profile: name,
  }
}
