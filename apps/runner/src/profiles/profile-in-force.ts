import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { canonicalHash } from '@ctxlock/core-hash'
import { queryEvents } from '@ctxlock/flight-recorder'
import { activeProfile, GovernanceError, profileOfJob, profileProblems } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { openJobIndex } from '../session/job-index.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import type { WorkspaceState } from '../workspace/state.ts'

export interface ProfileInForce {
  readonly profile: WorkProfile
  readonly from: 'config' | 'option' | 'run'
}

/**
 * The profile a session works under: that of the run it goes on with, else what an option says, else what the config says.
 * `loaded` is the config as it is written, `config` the same with what the options say instead. Throws `PROFILE_BOUND`, `PROFILE_ALTERED`.
 */
export function profileInForce(
  database: SqlDatabase,
  loaded: ResolvedConfig,
  config: ResolvedConfig,
  resumedRun: string | undefined,
): ProfileInForce {
  const configured = findProfile(config, config.activeProfile)
  const from = config.activeProfile === loaded.activeProfile ? 'config' : 'option'
  const pinned = resumedRun === undefined ? undefined : profileOfRun(database, resumedRun)
  if (!pinned) return { profile: configured, from }
  if (from === 'option' && pinned.profile_id !== configured.profile_id) throw otherModel(pinned)
  return { profile: pinned, from: 'run' }
}

interface SelectedProfile {
  readonly state: Pick<WorkspaceState, 'database'>
  readonly config: ResolvedConfig
  readonly profileFrom: ProfileInForce['from']
}

/** Refuses to start a job while the config names another profile than the one a person selected here (decisions/0031). */
export function checkSelection({ state, config, profileFrom }: SelectedProfile): void {
  const selected = activeProfile(state.database)?.profile_id
  if (profileFrom !== 'config' || selected === undefined || selected === config.activeProfile) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'PROFILE_DISAGREES',
    message: `the config names ${config.activeProfile} as the active profile, but ${selected} was selected here`,
    hint: `Say which one holds: \`ctxlock profile use ${config.activeProfile}\`, or \`ctxlock profile use ${selected}\`.`,
  })
}

/** The profile of the config with this id. Throws `PROFILE_UNKNOWN`, and `PROFILE_INVALID` for what no schema can say of one. */
export function findProfile({ profiles }: ResolvedConfig, profileId: string): WorkProfile {
  const profile = profiles.find(({ profile_id }) => profile_id === profileId)
  if (!profile) {
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'PROFILE_UNKNOWN',
      message: `the config has no profile ${profileId}; it has ${profiles.map(({ profile_id }) => profile_id).join(', ')}`,
      hint: 'Add it to `profiles` in ctxlock.config.json.',
    })
  }
  const problems = profileProblems(profile)
  if (problems.length === 0) return profile
  throw new GovernanceError('PROFILE_INVALID', `The profile ${profileId} of the config was refused:`, problems)
}

/**
 * Every job of a run has the same profile: the first one fixes it for those that go on with the run. The log, which is signed, has
 * its hash; a table that was edited together with its own hash does not loosen a run. Throws `PROFILE_ALTERED`.
 */
function profileOfRun(database: SqlDatabase, runId: string): WorkProfile | undefined {
  const [jobId] = openJobIndex(database).jobsOf(runId)
  const profile = jobId === undefined ? undefined : profileOfJob(database, jobId)
  const { events } = queryEvents(database, { workflowRunId: runId, type: 'run_header' }, { limit: 1 })
  const [header] = events
  if (!profile || header?.type !== 'run_header' || header.payload.profile_hash === canonicalHash(profile))
    return profile
  throw new GovernanceError(
    'PROFILE_ALTERED',
    `The stored profile ${profile.profile_id} is not the one that the log says the run began with; restore the state database.`,
  )
}

function otherModel({ profile_id }: WorkProfile): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'PROFILE_BOUND',
    message: `the run was started under the profile ${profile_id} and keeps it`,
    hint: 'Go on with it without --model, or start a new run.',
  })
}
