import type { RunInfo } from '@ctxlock/contracts/engine'
import type { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'

import { gateOf } from './gate-refusal.ts'
import { readProgress } from './run-files.ts'

/** One run for people and programs: what the engine knows, and the progress artifact where there is one. */
export interface RunView {
  readonly runId: string
  readonly command: string
  readonly state: Exclude<RunInfo['state'], 'pending'> | 'interrupted'
  readonly startedAt: string
  readonly gate: { readonly reason: string; readonly mtId: string; readonly why: string } | undefined
  readonly progress: ProgressArtifact | undefined
  readonly error: string | undefined
  /** What to do next, as commands. */
  readonly next: readonly string[]
}

/** The run as it stands after what dead processes held was given free: one that is pending has nobody who works on it. */
export function runView(stateFolder: string, run: RunInfo): RunView {
  const { runId, workflow, startedAt, error } = run
  const progress = readProgress(stateFolder, runId)
  const gate = gateOf(run)
  const state = run.state === 'pending' ? 'interrupted' : run.state
  return {
    runId,
    command: workflow,
    state,
    startedAt: new Date(startedAt).toISOString(),
    gate: gate && { reason: gate.reason, mtId: gate.mtId, why: gate.why },
    progress,
    error: error && `${error.code ?? error.name}: ${error.message}`,
    next: nextCommands(runId, state, gate !== undefined, progress),
  }
}

function nextCommands(
  runId: string,
  state: RunView['state'],
  atGate: boolean,
  progress: ProgressArtifact | undefined,
): string[] {
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
      return progress?.micro_tasks.some(({ evidence_refs }) => evidence_refs.length > 0) === true
        ? [`ctxlock apply ${id} --check`]
        : []
    case 'cancelled':
      return []
  }
}
