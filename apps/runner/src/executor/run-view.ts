import type { RunInfo } from '@ctxlock/contracts/engine'
import { ChildResult } from '@ctxlock/contracts/micro-task-iteration'
import type { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { costState, lastConsentRequest, type CostState } from '@ctxlock/governance'

import { CONSENT_DENIED, CONSENT_MISSING, deniedByPerson } from '../consent/consent-refusal.ts'
import { hasOpenPatch } from '../edits/run-patch.ts'
import { poisoningOf } from '../run/poisoned-run.ts'
import { openJobIndex, type JobIndex } from '../session/job-index.ts'
import type { OpenState } from '../workspace/state.ts'
import { CHILD_WORKFLOW, parentRunOf } from './child/child-runs.ts'
import { openConsents } from './child/consent-wait.ts'
import { gateOf } from './gate-refusal.ts'
import { LoopResult, TASK_WORKFLOW } from './loop-result.ts'
import { readProgress } from './run-files.ts'

/** One run for people and programs: what the engine knows, and the progress artifact where there is one. */
export interface RunView {
  readonly runId: string
  readonly command: string
  readonly state: Exclude<RunInfo['state'], 'pending'> | 'interrupted' | 'poisoned'
  readonly startedAt: string
  /** The run a child works for. */
  readonly parent: string | undefined
  /** What of the run waits for a person's consent. */
  readonly consents: readonly { readonly requestId: string; readonly modelId: string; readonly bytes: number }[]
  readonly gate: { readonly reason: string; readonly mtId: string; readonly why: string } | undefined
  readonly progress: ProgressArtifact | undefined
  /** What its calls cost, those of its children included; undefined where none was asked for. */
  readonly cost: CostState | undefined
  readonly error: string | undefined
  /** What to do next, as commands. */
  readonly next: readonly string[]
}

/** The run as it stands after what dead processes held was given free: one that is pending has nobody who works on it. */
export function runView(stored: OpenState, run: RunInfo): RunView {
  const { database, folder } = stored
  const { runId, workflow, startedAt } = run
  const progress = readProgress(folder, runId)
  const gate = gateOf(run)
  const parent = parentRunOf(run)
  const ended = failedLoop(run) ?? deniedQuestion(database, run)
  const state = runState(openJobIndex(database), run)
  const poisoning = state === 'poisoned' ? poisoningOf(database, runId, parent ?? runId) : undefined
  const failure = poisoning ?? ended ?? run.error ?? refusedChild(run)
  const error = state === 'waiting' || state === 'cancelled' ? undefined : failure
  const consents = state === 'waiting' ? openConsents(stored, parent ?? runId) : []
  return {
    runId,
    command: workflow,
    state,
    startedAt: new Date(startedAt).toISOString(),
    parent,
    consents: consents.map(({ asked: { request, plan } }) => ({
      requestId: request.request_id,
      modelId: request.requested_model_id,
      bytes: plan.max_bytes,
    })),
    gate: gate && { reason: gate.reason, mtId: gate.mtId, why: gate.why },
    progress,
    cost: costSoFar(database, runId, state),
    error: error && `${error.code}: ${error.message}`,
    next: [
      ...consents.map(({ asked: { request } }) => `ctxlock consent show ${request.request_id.slice(0, 8)}`),
      ...(poisoning?.next ??
        (ended ? [] : nextCommands(parent ?? runId, state, gate !== undefined, hasOpenPatch(database, runId)))),
    ],
  }
}

/** Where no process works on the run, what was under way is of a cost that nobody knows; the next process settles it as that. */
function costSoFar(database: SqlDatabase, runId: string, state: RunView['state']): CostState | undefined {
  const cost = costState(database, runId)
  if (!cost || state === 'running') return cost
  return { ...cost, unknown_calls: cost.unknown_calls + cost.open_calls, open_calls: 0 }
}

/** What a run is said to be: `runView` without the rest. */
export function runState(
  jobs: Pick<JobIndex, 'isPoisoned' | 'isCancelled' | 'isParked'>,
  run: RunInfo,
): RunView['state'] {
  if (jobs.isPoisoned(run.runId)) return 'poisoned'
  // What the engine calls failed waits for a consent, or was cut off by whoever ended its job.
  if (run.state === 'failed' && jobs.isCancelled(run.runId)) return 'cancelled'
  if (waitsForConsent(run) && jobs.isParked(run.runId)) return 'waiting'
  if (failedLoop(run)) return 'failed'
  return run.state === 'pending' ? 'interrupted' : run.state
}

/** The engine calls a loop completed that came to its end, also to a bad one; nobody goes on with that (MT-012). */
function failedLoop({ workflow, result }: RunInfo): { readonly code: string; readonly message: string } | undefined {
  const ended = workflow === TASK_WORKFLOW ? LoopResult.safeParse(result).data : undefined
  if (!ended || ended.status === 'completed' || ended.status === 'completed_with_issues') return undefined
  return { code: ended.code ?? ended.status, message: ended.reason }
}

/** A question ends its process while it waits; a task is parked. */
function waitsForConsent({ error }: RunInfo): boolean {
  return error?.code === CONSENT_MISSING
}

/** Nobody goes on with a question whose bytes were denied, whether or not its process heard of it. */
function deniedQuestion(
  database: SqlDatabase,
  run: RunInfo,
): { readonly code: string; readonly message: string } | undefined {
  const { error } = run
  if (error?.code === CONSENT_DENIED) return { code: CONSENT_DENIED, message: error.message }
  const last = waitsForConsent(run) ? lastConsentRequest(database, run.runId) : undefined
  return last?.state === 'denied' ? deniedByPerson(last.asked) : undefined
}

/** A child that made no call has ended like any other; why stands in its result. */
function refusedChild({ workflow, result }: RunInfo): { readonly code: string; readonly message: string } | undefined {
  const ended = workflow === CHILD_WORKFLOW ? ChildResult.safeParse(result).data : undefined
  return ended?.status === 'refused' ? { code: ended.code, message: ended.reason } : undefined
}

function nextCommands(runId: string, state: RunView['state'], atGate: boolean, hasPatch: boolean): string[] {
  const id = runId.slice(0, 8)
  switch (state) {
    case 'waiting':
      return atGate ? ['continue', 'skip', 'abort'].map((word) => `ctxlock ${word} ${id}`) : [`ctxlock resume ${id}`]
    case 'interrupted':
    case 'failed':
      return [`ctxlock resume ${id}`]
    case 'running':
      return [`ctxlock pause ${id}`, `ctxlock cancel ${id}`]
    case 'completed':
      return hasPatch ? [`ctxlock apply ${id} --check`] : []
    case 'cancelled':
    case 'poisoned':
      return []
  }
}
