import { canonicalHash, canonicalize, settle } from '@ctxlock/core-hash'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Timestamp } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { WorkProfile } from '@ctxlock/contracts/work-profile'

import { GovernanceError } from '../governance-error.ts'
import { storedRecord } from '../stored-record.ts'

/**
 * Fixes what a profile id means (PROV-063): the first content stored under it is the only one, compared by canonical hash.
 * Throws `PROFILE_PINNED` for other content.
 */
export function pinProfile(database: SqlDatabase, profile: WorkProfile, now: Timestamp): void {
  const { profile_id } = profile
  const hash = canonicalHash(profile)
  inTransaction(database, () => {
    const pinned = pinnedHash(database, profile_id)
    if (pinned === hash) return
    if (pinned !== undefined) {
      throw new GovernanceError(
        'PROFILE_PINNED',
        `The profile ${profile_id} was used with other content (${pinned}, now ${hash}): give the edited profile a new profile_id.`,
      )
    }
    database
      .prepare('INSERT INTO governance_profile (profile_id, profile_hash, profile, pinned_at) VALUES (?, ?, ?, ?)')
      .run(profile_id, hash, canonicalize(profile), now)
  })
}

/** How a profile stands to what is stored under its id: a profile that was edited after its use is refused (PROV-063). */
export function profileState(database: SqlDatabase, profile: WorkProfile): 'unused' | 'used' | 'edited' {
  const hash = pinnedHash(database, profile.profile_id)
  if (hash === undefined) return 'unused'
  return hash === canonicalHash(profile) ? 'used' : 'edited'
}

export interface ProfileSelection {
  readonly profile_id: string
  /** For FR-EVT-PROFILE-001; `null` when none was active. */
  readonly previous_profile_id: string | null
  /** Another profile was active before: FR-EVT-PROFILE-002 as well (REC-024). */
  readonly changed: boolean
}

/**
 * Makes a profile the active one, durably (T-PROFILE-001). Running jobs keep theirs. `initial` is what was active where
 * nothing was selected yet. Throws `PROFILE_PINNED`.
 */
export function selectProfile(
  database: SqlDatabase,
  profile: WorkProfile,
  now: Timestamp,
  initial: string | null = null,
): ProfileSelection {
  return inTransaction(database, () => {
    const previous = activeProfile(database)?.profile_id ?? initial
    pinProfile(database, profile, now)
    database
      .prepare('INSERT INTO governance_profile_selection (profile_id, selected_at) VALUES (?, ?)')
      .run(profile.profile_id, now)
    const changed = previous !== null && previous !== profile.profile_id
    return { profile_id: profile.profile_id, previous_profile_id: previous, changed }
  })
}

/** The profile selected last, or `undefined` when none was. Throws `PROFILE_ALTERED` when its row was altered. */
export function activeProfile(database: SqlDatabase): WorkProfile | undefined {
  return readProfile(
    database,
    `SELECT profile, profile_hash FROM governance_profile_selection JOIN governance_profile USING (profile_id)
     ORDER BY seq DESC LIMIT 1`,
  )
}

/**
 * Records the profile a job starts under (PROV-064). Idempotent for the same profile, so that a restart may repeat it.
 * Throws `PROFILE_BOUND` when the job has another one and `PROFILE_PINNED` when the id means another profile.
 */
export function bindJobProfile(database: SqlDatabase, jobId: string, profile: WorkProfile, now: Timestamp): void {
  inTransaction(database, () => {
    pinProfile(database, profile, now)
    const { changes } = database
      .prepare('INSERT OR IGNORE INTO governance_job_profile (job_id, profile_id, bound_at) VALUES (?, ?, ?)')
      .run(jobId, profile.profile_id, now)
    if (Number(changes) === 1) return
    const bound = profileOfJob(database, jobId)
    if (bound?.profile_id === profile.profile_id) return
    throw new GovernanceError(
      'PROFILE_BOUND',
      `The job ${jobId} runs under the profile ${bound?.profile_id ?? 'none'}, not ${profile.profile_id}; start a new job to change it.`,
    )
  })
}

/** The profile a job was started under, whatever is active now. Throws `PROFILE_ALTERED` when its row was altered. */
export function profileOfJob(database: SqlDatabase, jobId: string): WorkProfile | undefined {
  return readProfile(
    database,
    `SELECT profile, profile_hash FROM governance_job_profile JOIN governance_profile USING (profile_id)
     WHERE job_id = ?`,
    jobId,
  )
}

function pinnedHash(database: SqlDatabase, profileId: string): string | undefined {
  const row = database.prepare('SELECT profile_hash FROM governance_profile WHERE profile_id = ?').get(profileId)
  return row && String(row['profile_hash'])
}

function readProfile(database: SqlDatabase, sql: string, ...values: string[]): WorkProfile | undefined {
  const row = database.prepare(sql).get(...values)
  if (!row) return undefined
  return storedProfile(String(row['profile']), String(row['profile_hash']))
}

/** What the last row said. Every job is bound to a profile, most of them to the same; only the same text and hash are the same. */
let last: { readonly text: string; readonly hash: string; readonly profile: WorkProfile } | undefined

function storedProfile(text: string, hash: string): WorkProfile {
  if (last?.text === text && last.hash === hash) return last.profile
  const profile = storedRecord(WorkProfile, text)
  // A profile edited in the file would change what was pinned.
  if (!profile || canonicalHash(profile) !== hash) {
    throw new GovernanceError(
      'PROFILE_ALTERED',
      `The stored profile no longer hashes to ${hash}; restore the state database.`,
    )
  }
  last = { text, hash, profile: settle(profile) }
  return last.profile
}
