import { recoverPoisonedJobs } from '@ctxlock/ace-validators/poisoning'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { pinProfile } from '@ctxlock/governance'
import { canonicalHash, unicodeVersion } from '@ctxlock/core-hash'

import { removeAbandonedWorktrees } from '../edits/abandoned-worktrees.ts'
import { finishErasures } from '../erasure/carry-out.ts'
import { isErasureOpen } from '../erasure/interrupted-erasure.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { asCommandError } from '../failure/failure.ts'
import { recordPoison } from '../governed-call/guards/poison.ts'
import { keepRegistry } from '../providers/registry-record.ts'
import type { Session } from '../session/session.ts'
import { RUNNER_VERSION } from '../version.ts'

export interface RunIds {
  readonly runId: string
  readonly sessionId: string
  /** Of a child run. */
  readonly parentSessionId?: string
}

type RunOutcome = 'completed' | 'completed_with_issues' | 'refused' | 'failed' | 'cancelled' | 'poisoned'

/** A run whose header is recorded. */
export interface OpenRun {
  readonly ids: RunIds
  /** Records its last event, durable with the transaction around it; `anchorRuns` comes after that. */
  recordEnd(exit: ExitCode, code?: string): void
}

/**
 * Everything a command does between a recorded header and a recorded end (FR-EVT-X-RUN-001, -002), with the log
 * signed and anchored afterwards. An erasure that was interrupted is finished before. `sessionId` is that of an earlier run when this one goes on with it. A process that is killed leaves a header without an end: `verify` calls that run incomplete.
 */
export async function recordedRun(
  session: Session,
  command: string,
  work: (ids: RunIds) => Promise<ExitCode>,
  sessionId?: string,
): Promise<ExitCode> {
  settleRecord(session)
  if (isErasureOpen(session.state.folder)) await finishErasures(session)
  const { ids, recordEnd } = openRun(session, command, sessionId)
  const end = async (exit: ExitCode, code?: string) => {
    inTransaction(session.state.database, () => recordEnd(exit, code))
    await anchorRuns(session)
  }
  try {
    const exit = await work(ids)
    await end(exit)
    return exit
  } catch (error) {
    const failure = asCommandError(error)
    try {
      await end(failure.exit, failure.code)
    } catch {
      // The end could not be recorded (disk full): the run stays incomplete in the log, and the first error is the one to show.
    }
    throw error
  }
}

/** What is settled before a run: events and worktrees that a process which died left behind (VAL-073), and the providers. */
export function settleRecord(session: Session): void {
  recoverPoisonedJobs(session.state.database, (event, jobId) =>
    recordPoison(session, event, { trace_id: event.violation_id, job_id: jobId }),
  )
  removeAbandonedWorktrees(session.root, session.state.folder)
  keepRegistry(session.state.folder, session.registry)
}

/** Pins the profile and records the header; both are part of the caller's transaction, if there is one. */
export function openRun(
  session: Session,
  command: string,
  sessionId: string = session.environment.random.uuid(),
): OpenRun {
  const { random } = session.environment
  const ids: RunIds = { runId: random.uuid(), sessionId }
  const base = {
    actor: 'system' as const,
    trace_id: random.uuid(),
    workflow_run_id: ids.runId,
    model_session_id: ids.sessionId,
  }
  pinProfile(session.state.database, session.profile, session.timestamp())
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-X-RUN-001',
    type: 'run_header',
    payload: {
      package_versions: [{ name: 'ctxlock', version: RUNNER_VERSION }],
      unicode_version: unicodeVersion,
      registry_hash: session.registry.hash,
      profile_id: session.profile.profile_id,
      profile_hash: canonicalHash(session.profile),
      node_version: process.versions.node,
      command,
    },
  })
  return {
    ids,
    recordEnd(decided, code) {
      // The one thing that is written about a run after its job was poisoned, and it may say nothing else (decisions/0028).
      const exit = session.jobs.isPoisoned(ids.runId) ? EXIT_CODE.poisoned : decided
      session.recorder.recordRunEnd({
        ...base,
        fr_event_id: 'FR-EVT-X-RUN-002',
        type: 'run_end',
        payload: { outcome: outcomeOf(exit), exit_code: exit, ...(code !== undefined && { error_code: code }) },
      })
    },
  }
}

/** Signs the log as it is and keeps the checkpoint beside the database. Never inside a transaction. */
export async function anchorRuns({ logSigner }: Session): Promise<void> {
  await logSigner.anchor()
}

function outcomeOf(exit: number): RunOutcome {
  switch (exit) {
    case EXIT_CODE.done:
      return 'completed'
    case EXIT_CODE.degraded:
    case EXIT_CODE.verificationFailed:
      return 'completed_with_issues'
    case EXIT_CODE.poisoned:
      return 'poisoned'
    case EXIT_CODE.cancelled:
      return 'cancelled'
    case EXIT_CODE.stale:
    case EXIT_CODE.needsPerson:
    case EXIT_CODE.refused:
      return 'refused'
    default:
      return 'failed'
  }
}
