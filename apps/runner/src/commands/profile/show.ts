import { canonicalHash } from '@ctxlock/core-hash'
import type { ModelAssignment } from '@ctxlock/contracts/work-profile'
import { profileState, ROLES } from '@ctxlock/governance'

import { EXIT_CODE } from '../../exit-code.ts'
import { findProfile } from '../../profiles/profile-in-force.ts'
import { openSession } from '../../session/session.ts'
import type { CommandContext, GlobalOptions } from '../command-context.ts'
import { workspaceOf } from '../workspace-of.ts'

/** `ctxlock profile show`: the assignments of a profile and what changes them, the active profile if none is named (PROV-072). */
export async function showProfile([id]: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const session = await openSession({ root: workspaceOf(context), variables: process.env })
  try {
    const profile = findProfile(session.config, id ?? session.config.activeProfile)
    const state = profileState(session.state.database, profile)
    const active = profile.profile_id === session.config.activeProfile
    output.result({ ok: true, active, state, profile_hash: canonicalHash(profile), profile })
    const { governance, overrides, routing, model_assignments } = profile
    output.line(`profile    ${profile.profile_id}  ${profile.name}${active ? '  (active)' : ''}`)
    if (profile.description !== undefined) output.line(`           ${profile.description}`)
    const limit = governance.max_cloud_escalations_per_job ?? 1
    const cloud = governance.allow_cloud_escalation ? `with consent, at most ${limit} in a job` : 'never'
    output.line(`level      ${session.config.policy.automationLevel ?? governance.automation_level}`)
    output.line(`cloud      ${cloud}`)
    output.line(`selection  ${routing?.selection_policy ?? 'explicit'}`)
    for (const { model_id, backend, parameter_class = 'class of the provider entry' } of routing?.candidate_models ??
      [])
      output.line(`           candidate ${model_id}, ${backend}, ${parameter_class}`)
    output.line()
    for (const role of ROLES) output.line(`${role.padEnd(13)}${assignmentText(model_assignments[role])}`)
    const rules = [
      ...(overrides?.task_type_rules ?? []).map((rule) => ({ ...rule, when: `tagged ${rule.task_type}` })),
      ...(overrides?.filetype_rules ?? []).map((rule) => ({
        ...rule,
        when: `changing only .${rule.extension.replace(/^\./, '')} files`,
      })),
    ]
    for (const { when, assignments } of rules) {
      output.line()
      output.line(`a task ${when}`)
      for (const role of ROLES) {
        const assignment = assignments[role]
        if (assignment) output.line(`  ${role.padEnd(13)}${assignmentText(assignment)}`)
      }
    }
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

function assignmentText({
  primary_model_id,
  fallback_model_id,
  local_only,
  allowed_models,
  compute,
}: ModelAssignment): string {
  return [
    primary_model_id,
    ...(fallback_model_id === undefined ? [] : [`else ${fallback_model_id}`]),
    ...(local_only ? ['local only'] : []),
    ...(allowed_models ? [`only of ${allowed_models.join(' ')}`] : []),
    ...(compute?.speed_preset === undefined ? [] : [compute.speed_preset]),
  ].join(', ')
}
