import type { FlightEvent } from '@ctxlock/contracts/events'
import { jobsOfRuns } from '@ctxlock/flight-recorder'

import { allEvents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import type { ErasureScope } from './erasure-scope.ts'
import { openJobs } from './open-jobs.ts'

const DAY_MS = 86_400_000

interface RecordedRun {
  readonly jobIds: ReadonlySet<string>
  readonly calls: string[]
  newest: string
  profileId: string | undefined
  hasEnd: boolean
}

export interface RetentionScope extends ErasureScope {
  /** Nothing newer goes. */
  readonly olderThan: string
}

type Recorded = Pick<Session, 'state' | 'jobs' | 'config'>

/**
 * Runs that ended longer ago than the config keeps them and than their profile has to, with everything that was done in their jobs;
 * and events of no run. A run that was interrupted and not gone on with, goes on or waits for a person stays however old it is (REC-030).
 */
export function retentionScope(session: Recorded, now: number): RetentionScope {
  const { retentionDays } = session.config.recorder
  const cutoff = (days: number) => daysBefore(now, days)
  const floorOf = floors(session)
  const { isOpen, isOver } = openJobs(session)
  const runs = recordedRuns(session)
  const newestOfJob = new Map<string, string>()
  for (const { jobIds, newest } of runs.values())
    for (const jobId of jobIds) newestOfJob.set(jobId, later(newestOfJob.get(jobId), newest))

  const old = new Map(
    [...runs].filter(([, { jobIds, newest, profileId, hasEnd }]) => {
      const last = [...jobIds].reduce((latest, jobId) => later(newestOfJob.get(jobId), latest), newest)
      const days = Math.max(retentionDays, floorOf(profileId))
      const isEnded = hasEnd || [...jobIds].some(isOver)
      return isEnded && last < cutoff(days) && ![...jobIds].some(isOpen)
    }),
  )
  const jobIds = [...new Set([...old.values()].flatMap((run) => [...run.jobIds]))]
  // A child is a run of the engine under an id of its own, which no event has.
  const children = jobIds.flatMap(session.jobs.runsOf).filter((id) => !runs.has(id))
  const ofNoRun = cutoff(Math.max(retentionDays, floorOf(undefined)))
  return {
    olderThan: cutoff(retentionDays),
    calls: [...old.values()].flatMap(({ calls }) => calls),
    runIds: [...new Set([...old.keys(), ...children])],
    jobIds,
    requestIds: [],
    holds: ({ workflow_run_id: id, timestamp }: FlightEvent) => (id === undefined ? timestamp < ofNoRun : old.has(id)),
  }
}

/** A canonical timestamp. */
export function daysBefore(now: number, days: number): string {
  return new Date(now - days * DAY_MS).toISOString()
}

/** The days a profile has what is recorded under it kept; an unknown one may be any of those that are configured. */
function floors({ config }: Pick<Recorded, 'config'>): (profileId: string | undefined) => number {
  const days = new Map(
    config.profiles.map(({ profile_id, governance }) => [profile_id, governance.retention_floor_days ?? 0]),
  )
  const largest = Math.max(0, ...days.values())
  return (profileId) => (profileId === undefined ? largest : (days.get(profileId) ?? largest))
}

/** Read from what begins and ends a run and from its calls: the whole log is walked once, when an erasure is planned. */
function recordedRuns(session: Recorded): ReadonlyMap<string, RecordedRun> {
  const runs = new Map<string, RecordedRun>()
  const jobs = jobsOfRuns(session.state.database)
  for (const type of ['run_header', 'call_intent', 'run_end'] as const) {
    for (const event of allEvents(session, { type })) {
      const { workflow_run_id: id, timestamp } = event
      if (id === undefined) continue
      const run = runs.get(id) ?? newRun([...(jobs.get(id) ?? []), ...session.jobs.jobsOf(id)])
      runs.set(id, run)
      run.newest = later(run.newest, timestamp)
      if (event.type === 'run_header') run.profileId = event.payload.profile_id
      if (event.type === 'run_end') run.hasEnd = true
      if (event.type === 'call_intent') run.calls.push(event.payload.call_id)
    }
  }
  return runs
}

function newRun(jobIds: readonly string[]): RecordedRun {
  return { jobIds: new Set(jobIds), calls: [], newest: '', profileId: undefined, hasEnd: false }
}

/** Canonical timestamps are in the order of their texts. */
function later(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other
}
