import { PackError } from '@ctxlock/context-pack'
import type { RunRequest } from '@ctxlock/contracts/call'
import { readStoredRun } from '@ctxlock/durable-engine'

import { CommandError } from '../command-error.ts'
import { executionPlan } from '../executor/execution-plan.ts'
import { findExecutorJob } from '../executor/executor-job.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { QUESTION_WP_ID } from '../governed-call/call-subject.ts'
import { optionsOf, overrideConfig } from '../run/requested-options.ts'
import { requestedWork } from '../run/run-request.ts'
import { allEvents } from '../session/all-events.ts'
import { refuseErasedRun } from '../session/erased.ts'
import { openJobIndex } from '../session/job-index.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { Difference } from './differences.ts'
import { recordedCalls, type RecordedCall } from './recorded-call.ts'
import { missingSources, recordedReader, sourcesOf } from './recorded-sources.ts'
import { replayLoop } from './replay-loop.ts'
import { openReplaySession, type ReplaySession } from './replay-session.ts'
import { openTape, type ReplayedCall } from './tape.ts'

export interface RunReplay {
  readonly runId: string
  /** Every request of the run, in the order in which it was made again. */
  readonly calls: readonly ReplayedCall[]
  readonly decisions: { readonly checked: number; readonly first: Difference | null }
  /** Calls that are on record and that nothing asked for. */
  readonly unasked: readonly string[]
  readonly recordings: readonly RecordedCall[]
}

/** Replays a recorded run. Throws `NO_CALLS`, and what an unreadable record throws. */
export async function replayRun(
  stored: StoredSession,
  request: RunRequest,
  variables: NodeJS.ProcessEnv,
): Promise<RunReplay> {
  refuseErasedRun(stored.state.database, request.run_id)
  const recordings = recordedCalls(stored, openJobIndex(stored.state.database).jobsOf(request.run_id))
  if (recordings.length === 0) throw noCalls(request.run_id)
  const [header] = allEvents(stored, { workflowRunId: request.run_id, type: 'run_header' })
  const at = Date.parse(header?.timestamp ?? recordings[0]?.intent.timestamp ?? '')
  try {
    const override = overrideConfig(optionsOf(request))
    const session = await openReplaySession({ stored, variables, request, override, at })
    return await replayRecordings(session, stored, request, recordings)
  } catch (error) {
    // A rule file that is gone fails the whole config.
    const calls = recordings.flatMap((recorded) => missingOf(stored, recorded))
    if (calls.length === 0 || !(error instanceof CommandError || error instanceof PackError)) throw error
    return { runId: request.run_id, calls, decisions: { checked: 0, first: null }, unasked: [], recordings }
  }
}

function missingOf({ reader, artifacts }: StoredSession, recorded: RecordedCall): ReplayedCall[] {
  const sources = sourcesOf(recorded)
  const missing = missingSources(recordedReader(reader, artifacts, sources), sources)
  return missing.length === 0 ? [] : [{ status: 'source_missing', callId: recorded.call.call_id, missing }]
}

/** The same for recordings that were read before. */
export async function replayRecordings(
  session: ReplaySession,
  stored: StoredSession,
  request: RunRequest,
  recordings: readonly RecordedCall[],
): Promise<RunReplay> {
  const tape = openTape(session, recordings)
  const { subjects } = requestedWork(stored, request)
  const { maxTokens, stream = false } = optionsOf(request)
  const options = { maxTokens, stream }
  const done = (calls: readonly ReplayedCall[], decisions: RunReplay['decisions']): RunReplay => ({
    runId: request.run_id,
    calls,
    decisions,
    unasked: tape.left().map(({ call }) => call.call_id),
    recordings,
  })
  if (subjects.some(({ wpId }) => wpId !== QUESTION_WP_ID)) {
    const jobs = new Set(recordings.map(({ call }) => call.job_id))
    const events = [...jobs].flatMap((jobId) => [...allEvents(stored, { jobId })])
    const { calls, decisions } = await replayLoop({
      session,
      plan: executionPlan(session, subjects, findExecutorJob(stored, request.run_id)),
      subjects,
      options,
      stored: readStoredRun(stored.state.database, request.run_id),
      tape,
      events,
    })
    return done(calls, decisions)
  }
  const calls: ReplayedCall[] = []
  for (const subject of subjects) {
    const stepId = `${subject.definition.mt_id}_iter-${String(subject.iteration).padStart(3, '0')}`
    while (tape.has(stepId)) calls.push(await tape.play(stepId, { subject, options }))
  }
  return done(calls, { checked: 0, first: null })
}

function noCalls(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NO_CALLS',
    message: `the run ${runId} recorded no call: it ended before one, or another run went on with it`,
    hint: '`ctxlock runs` lists the runs.',
  })
}
