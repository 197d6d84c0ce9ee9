import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { profileState, ROLES, type ModelAtProvider } from '@ctxlock/governance'

import { EXIT_CODE } from '../../exit-code.ts'
import type { ModelState } from '../../profiles/model-probe.ts'
import { reasonOf } from '../../profiles/no-model.ts'
import { findProfile } from '../../profiles/profile-in-force.ts'
import { routeRole, type RoutedRole, type RoutedWork } from '../../profiles/route-role.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { taskFacts } from '../../governed-call/call-subject.ts'
import { openLookingSession } from '../../session/looking-session.ts'
import type { Session } from '../../session/session.ts'
import { planTask, readTask } from '../../tasks/task-file.ts'

interface SimulateOptions extends GlobalOptions {
  readonly profile?: string
  readonly offline?: boolean
}

/** One line of the answer: a role, or a micro-task of the task file with the role it is for. */
interface Simulated extends Omit<RoutedWork, 'profile'> {
  readonly name: string
}

/** `ctxlock profile simulate`: which model would be chosen and why not the others (PROV-072). Local servers are asked whether they are ready; no model is called. */
export async function simulateProfile(
  [taskFile]: readonly string[],
  context: CommandContext<SimulateOptions>,
): Promise<number> {
  const { output, options } = context
  const session = await openLookingSession(workspaceOf(context), process.env)
  try {
    const profile = findProfile(session.config, options.profile ?? session.config.activeProfile)
    const probe = options.offline === true ? () => Promise.resolve(NOT_ASKED) : session.probeModel
    const routed = await Promise.all(
      simulated(session, taskFile).map(async (work) => ({
        ...work,
        routed: await routeRole(session, probe, { profile, ...work }),
      })),
    )
    const roles = routed.map(({ name, role, routed: each }) => ({ name, role, ...resolved(each) }))
    const hindrances = hindrancesOf(session, profile, routed)
    output.result({ ok: true, profile_id: profile.profile_id, roles, hindrances })
    output.line(`profile ${profile.profile_id}; no model was called`)
    for (const hindrance of hindrances) output.line(`  ${hindrance}`)
    for (const { name, routed: role } of routed) {
      output.line()
      for (const line of roleLines(name, role)) output.line(line)
    }
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

const NOT_ASKED: ModelState = { ready: true, state: 'not_asked', remote: false }

function simulated(session: Pick<Session, 'config'>, taskFile: string | undefined): Simulated[] {
  if (taskFile === undefined) return ROLES.map((role) => ({ name: role, role, task: {} }))
  return planTask(readTask(taskFile), session.config).subjects.map((subject) => ({
    name: `${subject.definition.mt_id} ${subject.definition.name}`,
    role: subject.role.runtime_role,
    task: taskFacts(subject),
  }))
}

/** What stands between the choice and a call. */
function hindrancesOf(
  { state, config }: Pick<Session, 'state' | 'config'>,
  profile: WorkProfile,
  routed: readonly { readonly routed: RoutedRole }[],
): string[] {
  const isCloudChosen = routed.some(({ routed: { resolution } }) => resolution.chosen?.tier === 'cloud')
  return [
    ...(profileState(state.database, profile) === 'edited'
      ? ['no run starts under it: it was edited after it was used; give it a new profile_id']
      : []),
    ...(config.policy.automationLevel === 'LOCKED' && isCloudChosen
      ? ['no cloud model is called: `policy.automation_level` of the config is LOCKED']
      : []),
  ]
}

function resolved(routed: RoutedRole) {
  const { assignment_source, selection_policy, chosen, outranked, rejected } = routed.resolution
  return {
    assignment_source,
    selection_policy,
    chosen: chosen && { ...chosen, ...scored(routed, chosen) },
    outranked: outranked.map((model) => ({ ...model, ...scored(routed, model) })),
    rejected: rejected.map((model) => ({ ...model, said: reasonOf(model, routed.stateOf) })),
  }
}

/** What telemetry says of a model, where that decides. */
function scored({ resolution, scoreOf }: RoutedRole, model: ModelAtProvider): { readonly score?: number } {
  const score = resolution.selection_policy === 'largest_available' ? scoreOf(model) : undefined
  return score === undefined ? {} : { score: Number(score.toPrecision(3)) }
}

function roleLines(name: string, routed: RoutedRole): string[] {
  const { chosen, outranked, rejected, assignment_source } = routed.resolution
  const standing = (model: ModelAtProvider) => {
    const { score } = scored(routed, model)
    return score === undefined ? '' : `, score ${score}`
  }
  const rule = assignment_source === 'profile' ? '' : ` by ${assignment_source.replaceAll('_', ' ')}`
  const state = chosen && routed.stateOf(chosen)?.state.replaceAll('_', ' ')
  return [
    chosen
      ? `${name}: ${chosen.model_id} at ${chosen.provider_id}, ${chosen.tier}, ${state ?? ''}${standing(chosen)}${rule}`
      : `${name}: no model (CX-MM-001)${rule}`,
    ...outranked.map((model) => `  behind it: ${model.model_id} at ${model.provider_id}${standing(model)}`),
    ...rejected.map((model) => `  not ${model.model_id}: ${reasonOf(model, routed.stateOf)}`),
  ]
}
