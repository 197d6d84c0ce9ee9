import { activeProfile, profileState } from '@ctxlock/governance'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { automationLevelOf } from '../../session/job-baseline.ts'
import { openLookingSession } from '../../session/looking-session.ts'

/** `ctxlock profile list`: the profiles of the config, which one is active, and which are fixed by having been used (PROV-063). */
export async function listProfiles(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const session = await openLookingSession(workspaceOf(context), process.env)
  try {
    const { config, state } = session
    const selected = activeProfile(state.database)?.profile_id
    const profiles = config.profiles.map((profile) => ({
      profile_id: profile.profile_id,
      name: profile.name,
      active: profile.profile_id === config.activeProfile,
      state: profileState(state.database, profile),
      automation_level: profile.governance.automation_level,
      allow_cloud_escalation: profile.governance.allow_cloud_escalation,
      locked: automationLevelOf(config, profile) === 'LOCKED' || profile.governance.automation_level === 'LOCKED',
    }))
    output.result({ ok: true, active: config.activeProfile, selected: selected ?? null, profiles })
    for (const {
      profile_id,
      name,
      active,
      state: pinned,
      automation_level,
      allow_cloud_escalation,
      locked,
    } of profiles) {
      const cloud = allow_cloud_escalation && !locked ? 'cloud with consent' : 'no cloud'
      output.line(`${active ? '*' : ' '} ${profile_id}  ${name}  ${automation_level}  ${cloud}  ${PINNED[pinned]}`)
    }
    if (selected !== undefined && selected !== config.activeProfile) {
      output.line()
      output.line(`${selected} was selected here: no run starts until \`ctxlock profile use\` says which one holds`)
    }
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

const PINNED = {
  unused: 'not used yet',
  used: 'used, so fixed',
  edited: 'edited after it was used: give it a new profile_id',
} as const
