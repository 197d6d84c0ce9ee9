import type { Lockfile } from '@ctxlock/contracts/lockfile'
import type { Hash } from '@ctxlock/core-hash'

import type { SourceSurvey } from '../lock/source-survey.ts'
import type { LockReport } from '../output/lock-report.ts'
import type { Session } from '../session/session.ts'
import type { Observation } from './observation.ts'
import { areInDatabase, storedPacks } from './stored-packs.ts'

export interface BuiltLock {
  readonly session: Pick<Session, 'state' | 'config'>
  readonly surveyed: SourceSurvey
  readonly lockfile: Lockfile
  /** Of the file as it was written. */
  readonly fileHash: Hash
  readonly report: LockReport
}

/**
 * Remembers a lock when another of the same tree would write nothing: every source is locked as it was surveyed, its pack is in
 * the state, and no task takes part. Live keys of the environment change none of that: a rule that holds one is refused, and
 * packs are taken by what their source is.
 */
export function rememberLock(
  observed: Observation,
  { session, surveyed, lockfile, fileHash, report }: BuiltLock,
): void {
  const { sources, rules, tasks } = report
  const packs = storedPacks(session.state.database)
  if (packs === undefined || !areInDatabase(session.state.database)) return
  if (report.dropped_tasks.length > 0 || !isAsSurveyed(lockfile, surveyed)) return
  observed.surveyed(session.config, surveyed)
  observed.rememberLock(fileHash, { sources, rules, tasks }, { packs, report })
}

/** A file that changed before it was packed is locked as it was packed, or left out. */
function isAsSurveyed({ sources }: Lockfile, surveyed: SourceSurvey): boolean {
  return (
    sources.length === surveyed.sources.length &&
    sources.every(({ path, hash }, index) => {
      const source = surveyed.sources[index]
      return path === source?.path && hash === source.hash
    })
  )
}
