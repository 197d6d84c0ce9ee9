import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { selectProfile, type ProfileSelection } from '@ctxlock/governance'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { findProfile } from '../../profiles/profile-in-force.ts'
import { openSession, type Session } from '../../session/session.ts'
import { editConfig } from '../../workspace/config-edit.ts'
import { loadConfig } from '../../workspace/config-file.ts'

/**
 * `ctxlock profile use`: makes a profile the active one, in the config for everybody and in the state as a person's choice.
 * Runs that are under way keep theirs (PROV-064).
 */
export async function chooseProfile(
  [id = '']: readonly string[],
  context: CommandContext<GlobalOptions>,
): Promise<number> {
  const { output } = context
  const session = await openSession({ root: workspaceOf(context), variables: process.env })
  try {
    const { previous_profile_id, changed } = use(session, id)
    await session.logSigner.anchor()
    output.result({ ok: true, active: id, previous: previous_profile_id, changed })
    output.line(
      changed
        ? `${id} is active now, before it was ${previous_profile_id ?? 'none'}; runs under way keep theirs`
        : `${id} is active`,
    )
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

/**
 * All of it or nothing: what cannot be recorded is not selected (REC-013). The config is read again inside the transaction, so
 * that two people who choose at once do not leave a config and a choice that disagree.
 */
function use(session: Session, profileId: string): ProfileSelection {
  const { state, root, recorder } = session
  return inTransaction(state.database, () => {
    const { config } = loadConfig(root)
    const profile = findProfile(config, profileId)
    const selection = selectProfile(state.database, profile, session.timestamp(), config.activeProfile)
    recorder.recordAll(selectionEvents(session, profile, selection))
    if (config.activeProfile !== profile.profile_id) {
      editConfig(root, [{ path: ['active_profile'], value: profile.profile_id }])
    }
    return selection
  })
}

/** FR-EVT-PROFILE-001, and 002 when another profile was active before (REC-024). */
function selectionEvents(
  { environment }: Session,
  { profile_id, governance }: WorkProfile,
  { previous_profile_id, changed }: ProfileSelection,
) {
  const base = { actor: 'human' as const, trace_id: environment.random.uuid() }
  const { automation_level, allow_cloud_escalation } = governance
  const selected = {
    ...base,
    fr_event_id: 'FR-EVT-PROFILE-001' as const,
    type: 'work_profile_selected' as const,
    payload: {
      profile_id,
      automation_level,
      allow_cloud_escalation,
      ...(previous_profile_id !== null && { previous_profile_id }),
    },
  }
  if (!changed || previous_profile_id === null) return [selected]
  return [
    selected,
    {
      ...base,
      fr_event_id: 'FR-EVT-PROFILE-002' as const,
      type: 'work_profile_changed' as const,
      payload: { ...selected.payload, previous_profile_id },
    },
  ]
}
