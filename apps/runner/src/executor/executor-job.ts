import { EXECUTOR_PROFILE, MicroTaskExecutorJob } from '@ctxlock/contracts/micro-task-job'
import { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'
import { parseCanonical } from '@ctxlock/core-hash'
import { initialState, microTaskMetrics, progressArtifact, type LoopState } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import { RECORD_LABEL, storeRecord } from '../session/store-record.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { ExecutorRun } from './executor-run.ts'
import { keepProgress, readLedgerFile, readProgress } from './run-files.ts'

const TABLE = `CREATE TABLE IF NOT EXISTS runner_executor_job (
  run_id TEXT PRIMARY KEY, record_hash TEXT NOT NULL
) STRICT, WITHOUT ROWID`

const SAFETY = { gov_strict: 'strict', gov_standard: 'normal', gov_light: 'experimental' } as const

type JobStore = Pick<StoredSession, 'artifacts'> & { readonly state: Pick<StoredSession['state'], 'database'> }

/** The job record of a run, read again whenever the run is dispatched (MT-001); undefined for a run that has not begun. Throws `JOB_INVALID`. */
export function findExecutorJob({ artifacts, state }: JobStore, runId: string): MicroTaskExecutorJob | undefined {
  state.database.exec(TABLE)
  const row = state.database.prepare('SELECT record_hash FROM runner_executor_job WHERE run_id = ?').get(runId)
  if (!row) return undefined
  const job = MicroTaskExecutorJob.safeParse(parseCanonical(artifacts.get(String(row['record_hash']))))
  if (job.success && job.data.workflow_run_id === runId) return job.data
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'JOB_INVALID',
    message: `the job record of the run ${runId} is none of the kind micro_task_execution under ${EXECUTOR_PROFILE}`,
    hint: 'Nothing was called. Run `ctxlock verify`, and start a new run.',
  })
}

/** The micro-tasks of a run that were completed when its record was kept last. Throws `JOB_INVALID`. */
export function completedIn(store: JobStore, runId: string): ReadonlySet<string> {
  const job = findExecutorJob(store, runId)
  const known = job ? progressOf(store, job).micro_tasks : []
  return new Set(known.flatMap(({ mt_id, status }) => (status === 'completed' ? [mt_id] : [])))
}

type JobParts = Pick<ExecutorRun, 'session' | 'runId' | 'job' | 'subjects' | 'plan'>

/** Keeps the record of a job that begins. */
export function createExecutorJob(parts: JobParts): void {
  const now = parts.session.timestamp()
  keep(parts.session, jobRecord(parts, initialState(parts.plan.loop, now), now, new Uint8Array()))
}

/** Keeps the record of a job that has ended, with its ledger. Part of the caller's transaction. */
export function endExecutorJob(parts: JobParts, state: LoopState, ledger: Uint8Array): void {
  keep(parts.session, jobRecord(parts, state, parts.session.timestamp(), ledger))
}

/**
 * Keeps in the record of a job that a person has ended where it stood, by the files of its run: whoever ends it need not be the process
 * that worked on it; the progress artifact says so too. Nothing happens for a run that has not begun. Part of the caller's transaction.
 */
export function cancelExecutorJob(session: CancelledIn, runId: string, reason: string): void {
  const known = findExecutorJob(session, runId)
  if (!known) return
  const now = session.timestamp()
  const progress: ProgressArtifact = {
    ...(readProgress(session.state.folder, runId) ?? progressOf(session, known)),
    status: 'cancelled',
    updated_at: now,
    completed_at: now,
  }
  keep(session, {
    ...known,
    state: 'cancelled',
    status_reason: reason.slice(0, 512),
    updated_at: now,
    progress_artifact_ref: storeRecord(session.artifacts, progress),
    run_ledger_ref: session.artifacts.put(readLedgerFile(session.state.folder, runId), RECORD_LABEL),
    execution_state: progress.current_state,
    metrics: microTaskMetrics(progress),
  })
  keepProgress(session.state.folder, runId, progress)
}

type CancelledIn = Pick<Session, 'artifacts' | 'state' | 'timestamp'>

function progressOf({ artifacts }: Pick<JobStore, 'artifacts'>, job: MicroTaskExecutorJob): ProgressArtifact {
  return ProgressArtifact.parse(parseCanonical(artifacts.get(job.progress_artifact_ref.content_hash)))
}

function keep(session: Pick<Session, 'artifacts' | 'state'>, record: MicroTaskExecutorJob): void {
  const { database } = session.state
  database.exec(TABLE)
  database
    .prepare('INSERT OR REPLACE INTO runner_executor_job (run_id, record_hash) VALUES (?, ?)')
    .run(record.workflow_run_id, storeRecord(session.artifacts, record).content_hash)
}

function jobRecord(parts: JobParts, state: LoopState, now: string, ledger: Uint8Array): MicroTaskExecutorJob {
  const { session, runId, job, subjects, plan } = parts
  const { config, profile } = session
  const { definitions } = session.runs.find(runId)
  if (!definitions) throw new TypeError('a run of micro-tasks has definitions')
  const tier = plan.loop.chain[0]?.is_cloud === true ? 'cloud' : 'local'
  const progress = progressArtifact(plan.loop, state, { jobId: job.jobId, updatedAt: now })
  const changes = subjects.some(({ definition: { files } }) => files.modify.length + files.create.length > 0)
  return {
    schema_version: 'ctxlock.micro_task_executor_job@1',
    job_kind: 'micro_task_execution',
    profile_id: EXECUTOR_PROFILE,
    protocol_id: EXECUTOR_PROFILE,
    job_id: job.jobId,
    trace_id: session.environment.random.uuid(),
    workflow_run_id: runId,
    ...(job.parentJobId !== undefined && { parent_job_id: job.parentJobId }),
    access_mode: changes ? 'apply_scoped' : 'analysis_only',
    safety_mode: SAFETY[config.policy.governanceMode],
    capability_profile_id: subjects[0]?.role.role_id ?? 'worker',
    work_profile_id: profile.profile_id,
    policy_profile_id: config.policy.policyProfileId,
    model_tier: tier,
    layer_scope: session.baseline(tier).layer_scope,
    entity_refs: [],
    state: stateOf(state),
    status_reason: state.end?.reason.slice(0, 512) ?? null,
    created_at: state.startedAt,
    updated_at: now,
    wp_id: plan.loop.wpId,
    mt_definitions_ref: definitions,
    progress_artifact_ref: storeRecord(session.artifacts, progress),
    run_ledger_ref: session.artifacts.put(ledger, RECORD_LABEL),
    execution_policy: plan.loop.policy,
    routed_by_profile: plan.routed,
    execution_state: progress.current_state,
    metrics: microTaskMetrics(progress),
  }
}

/** `poisoned` by time is a failure of the job (decisions/0035). */
function stateOf({ end }: LoopState): MicroTaskExecutorJob['state'] {
  if (!end) return 'running'
  return end.status === 'poisoned' ? 'failed' : end.status
}
