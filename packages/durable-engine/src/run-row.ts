import type { RunInfo, RunOutcome } from '@ctxlock/contracts/engine'

import { corrupt, fromStoredJson } from './stored-json.ts'

type Row = Readonly<Record<string, unknown>>

/** A row of `engine_run` as the port shows it; throws `STATE_CORRUPT` when it is not one. */
export function runOfRow(row: Row): RunInfo {
  const runId = textOf(row, 'run_id')
  const finishedAt = row['finished_at']
  const outcome = row['outcome'] === null ? undefined : outcomeOf(row)
  return {
    runId,
    workflow: textOf(row, 'workflow'),
    version: textOf(row, 'version'),
    input: fromStoredJson(row['input'], `input of run ${runId}`),
    state: outcome?.state ?? 'running',
    startedAt: Number(row['started_at']),
    ...(finishedAt === null ? {} : { finishedAt: Number(finishedAt) }),
    ...(outcome?.state === 'completed' ? { result: outcome.result } : {}),
    ...(outcome?.state === 'failed' ? { error: outcome.error } : {}),
  }
}

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw corrupt(column, 'it is not text')
}

function outcomeOf(row: Row): RunOutcome {
  const outcome = fromStoredJson(row['outcome'], 'outcome')
  if (typeof outcome === 'object' && outcome !== null && !Array.isArray(outcome)) {
    const { state, result, error } = outcome
    if (state === 'completed' && result !== undefined) return { state, result }
    if (state === 'failed' && typeof error === 'object' && error !== null && !Array.isArray(error)) {
      const { name, message } = error
      if (typeof name === 'string' && typeof message === 'string') return { state, error: { name, message } }
    }
  }
  throw corrupt('outcome', 'it is neither a result nor an error')
}
