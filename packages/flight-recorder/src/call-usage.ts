import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { catchUpKeys } from './event-keys.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'
import { textOf } from './segment/segment-files.ts'

/** What one call took, as its events say. What they do not say is undefined, which is no zero. */
export interface CallUsage {
  /** Canonical timestamp of its end. */
  readonly at: string
  readonly providerId: string | undefined
  readonly modelId: string | undefined
  readonly promptTokens: number | undefined
  readonly cachedTokens: number | undefined
  readonly completionTokens: number | undefined
  /** Nobody counted the tokens: they were estimated. */
  readonly isEstimated: boolean
  readonly latencyMs: number | undefined
  readonly costMicroUsd: number | undefined
}

const OF_TYPE = 'FROM flight_key k JOIN flight_event e USING (seq) WHERE k.type = ? AND k.at >= ? ORDER BY k.at, k.seq'

/** Every call that ended at or after `from`, a canonical timestamp, in order. The log is read as it stands; verify says whether it was changed. Code: HSK-500-DB. */
export function callUsage(database: SqlDatabase, from: string): CallUsage[] {
  return onDatabase('Reading what calls took', () => {
    if (!hasLog(database)) return []
    catchUpKeys(database)
    const text = textOf(database)
    const cost = `SELECT k.call_id, ${text} ->> '$.payload.cost_micro_usd' AS cost ${OF_TYPE}`
    const usage = `SELECT k.at, k.call_id, json_extract(${text}, '$.payload') AS payload ${OF_TYPE}`
    const settled = database.prepare(cost).all('call_settled', from)
    const costs = new Map(settled.map((row) => [row['call_id'], row['cost']]))
    const rows = database.prepare(usage).all('llm_inference', from)
    return rows.map(({ at, call_id, payload }) => usageOf(String(at), payload, costs.get(call_id)))
  })
}

function usageOf(at: string, payload: unknown, cost: unknown): CallUsage {
  const said = objectIn(typeof payload === 'string' ? JSON.parse(payload) : undefined)
  const tokens = said['usage_source'] === 'none' ? {} : objectIn(said['token_usage'])
  return {
    at,
    providerId: word(said['provider_id']),
    modelId: word(said['effective_model_id']) ?? word(said['model_id']),
    promptTokens: count(tokens['prompt_tokens']),
    cachedTokens: count(said['cached_prompt_tokens']),
    completionTokens: count(tokens['completion_tokens']),
    isEstimated: said['usage_source'] === 'estimated',
    latencyMs: count(said['latency_ms']),
    costMicroUsd: count(cost),
  }
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
