import type { RunFailure, RunInfo, RunState, RunWait } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { isFailure } from './run-failure.ts'
import { corrupt, fromStoredJson } from './stored-json.ts'

export type Row = Readonly<Record<string, unknown>>

/** How a run ends. */
export type RunOutcome =
  | { readonly state: 'completed'; readonly result: JsonValue }
  | { readonly state: 'failed'; readonly error: RunFailure }
  | { readonly state: 'cancelled'; readonly reason: string }

/** A row of `engine_run` as the port shows it; throws `STATE_CORRUPT` when it is not one. */
export function runOfRow(row: Row): RunInfo {
  const runId = textOf(row, 'run_id')
  const state = stateOf(row)
  const finishedAt = row['finished_at']
  const reason = row['reason']
  return {
    runId,
    workflow: textOf(row, 'workflow'),
    version: textOf(row, 'version'),
    input: fromStoredJson(row['input'], `input of run ${runId}`),
    state,
    startedAt: Number(row['started_at']),
    ...(finishedAt === null ? {} : { finishedAt: Number(finishedAt) }),
    ...(state === 'waiting' ? { waits: waitsOf(row) } : {}),
    ...(state === 'completed' || state === 'failed' ? outcomeOf(row, state) : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw corrupt(column, 'it is not text')
}

export const RUN_STATES: readonly RunState[] = ['pending', 'running', 'waiting', 'completed', 'failed', 'cancelled']

export function stateOf(row: Row): RunState {
  const state = RUN_STATES.find((known) => known === row['state'])
  if (state !== undefined) return state
  throw corrupt('state', 'it is none')
}

export function isEnded(state: RunState): boolean {
  return state === 'failed' || isOver(state)
}

/** Nothing leads out of it: a failed run can be resumed or cancelled. */
export function isOver(state: RunState): boolean {
  return state === 'completed' || state === 'cancelled'
}

export function waitsOf(row: Row): readonly RunWait[] {
  const waits = fromStoredJson(row['waits'], 'waits')
  if (Array.isArray(waits) && waits.every(isWait)) return waits
  throw corrupt('waits', 'they are no list of waits')
}

function isWait(value: unknown): value is RunWait {
  if (typeof value !== 'object' || value === null) return false
  const [kind, key, until] = ['kind', 'key', 'until'].map((name): unknown => Reflect.get(value, name))
  if (typeof key !== 'string') return false
  if (kind === 'signal') return until === undefined || typeof until === 'number'
  return (kind === 'sleep' || kind === 'retry') && typeof until === 'number'
}

function outcomeOf(row: Row, state: 'completed' | 'failed'): Pick<RunInfo, 'result' | 'error'> {
  const outcome = fromStoredJson(row['outcome'], 'outcome')
  if (typeof outcome === 'object' && outcome !== null && !Array.isArray(outcome)) {
    const { result, error } = outcome
    if (state === 'completed' && result !== undefined) return { result }
    if (state === 'failed' && isFailure(error)) return { error }
  }
  throw corrupt('outcome', 'it is neither a result nor an error')
}
