import { canonicalHash } from '@ctxlock/core-hash'
import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { AutomationLevel } from '@ctxlock/contracts/primitives'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'
import { profileState, ROLES } from '@ctxlock/governance'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { findProfile } from '../../profiles/profile-in-force.ts'
import { automationLevelOf } from '../../session/job-baseline.ts'
import { openLookingSession } from '../../session/looking-session.ts'

/** `ctxlock profile show`: the assignments of a profile and what changes them, the active profile if none is named (PROV-072). */
export async function showProfile([id]: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const session = await openLookingSession(workspaceOf(context), process.env)
  try {
    const profile = findProfile(session.config, id ?? session.config.activeProfile)
    const state = profileState(session.state.database, profile)
    const active = profile.profile_id === session.config.activeProfile
    output.result({ ok: true, active, state, profile_hash: canonicalHash(profile), profile })
    for (const line of profileLines(profile, active, automationLevelOf(session.config, profile))) output.line(line)
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

function profileLines(
  { profile_id, name, description, governance, overrides, routing, model_assignments }: WorkProfile,
  active: boolean,
  level: AutomationLevel,
): string[] {
  const limit = governance.max_cloud_escalations_per_job ?? 1
  const isCloudAllowed =
    governance.allow_cloud_escalation && level !== 'LOCKED' && governance.automation_level !== 'LOCKED'
  const rules = [
    ...(overrides?.task_type_rules ?? []).map((rule) => ({ ...rule, when: `tagged ${rule.task_type}` })),
    ...(overrides?.filetype_rules ?? []).map((rule) => ({
      ...rule,
      when: `changing only .${rule.extension.replace(/^\./, '')} files`,
    })),
  ]
  return [
    `profile    ${profile_id}  ${name}${active ? '  (active)' : ''}`,
    ...(description === undefined ? [] : [`           ${description}`]),
    `level      ${level}`,
    `cloud      ${isCloudAllowed ? `with consent, at most ${limit} in a job` : 'never'}`,
    `selection  ${routing?.selection_policy ?? 'explicit'}`,
    ...(routing?.candidate_models ?? []).map(
      ({ model_id, backend, parameter_class = 'class of the provider entry' }) =>
        `           candidate ${model_id}, ${backend}, ${parameter_class}`,
    ),
    '',
    ...assignmentLines(model_assignments),
    ...rules.flatMap(({ when, assignments }) => [
      '',
      `a task ${when}`,
      ...assignmentLines(assignments).map((line) => `  ${line}`),
    ]),
  ]
}

function assignmentLines(assignments: Readonly<Partial<Record<RuntimeRole, ModelAssignment>>>): string[] {
  return ROLES.flatMap((role) => {
    const assignment = assignments[role]
    return assignment ? [`${role.padEnd(13)}${assignmentText(assignment)}`] : []
  })
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
