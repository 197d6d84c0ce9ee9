import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { readLedger } from '@ctxlock/micro-task'

import { verify } from '../../../src/commands/record/verify.ts'
import type { Output } from '../../../src/output/output.ts'

/** What a workspace says about its one run. Read from a copy: opening a database that a killed process left recovers it. */
export interface RunRecord {
  readonly isBegun: boolean
  /** Keys of the engine's steps that have a result. */
  readonly finished: ReadonlySet<string>
  /** Calls whose answer is stored, by the step they were made for. */
  readonly answered: ReadonlySet<string>
  readonly events: readonly RecordedEvent[]
}

interface RecordedEvent {
  readonly type: string
  readonly step_id?: string
  readonly mt_id?: string
  readonly iteration?: number
  readonly payload: Readonly<Record<string, unknown>>
}

export const SILENT: Output = { json: false, line() {}, event() {}, result() {}, progress() {} }

export function readRecord(root: string): RunRecord {
  const column = (sql: string, name: string) => rows(root, sql).map((row) => String(row[name]))
  return {
    isBegun: column('SELECT run_id FROM runner_run', 'run_id').length > 0,
    finished: new Set(column("SELECT key FROM engine_journal WHERE kind = 'step'", 'key')),
    answered: new Set(column('SELECT step_id FROM runner_reply', 'step_id')),
    events: column('SELECT event FROM flight_event ORDER BY seq', 'event').map((text) => JSON.parse(text)),
  }
}

/** Work on record after `before` on steps that had their result then. */
export function repeatedSteps(before: RunRecord, after: RunRecord): readonly string[] {
  const begun = after.events.slice(before.events.length).flatMap(({ type, step_id }) => {
    const part = STEP_OF.get(type)
    return part === undefined || step_id === undefined ? [] : [`${step_id}/${part}`]
  })
  return begun.filter((key) => before.finished.has(key))
}

/** What is recorded by the work of a step, and by which of the two steps of an iteration. */
const STEP_OF: ReadonlyMap<string, string> = new Map([
  ['call_intent', 'call'],
  ['edits_tried', 'check'],
  ['edits_refused', 'check'],
  ['command_planned', 'check'],
])

/** Everything that happened once in the run, in order; a killed run and one that was left alone have the same. */
export function historyOf({ events }: RunRecord): readonly string[] {
  return events.flatMap(({ type, mt_id, iteration, payload }) =>
    ONCE.test(type) ? [[type, mt_id, iteration, payload['decision']].filter(Boolean).join(' ')] : [],
  )
}

/** All that is recorded by a finished step; an iteration also begins, and selects its model, again when its call was cut off. */
const ONCE =
  /^(?:micro_task_(?!(?:iteration_started|lora_selection)$)\w+|edits_accepted|patch_ready|model_swap_completed)$/

/** True when the log, its objects and its calls verify. */
export async function isVerified(root: string): Promise<boolean> {
  return (await verify([], { options: {}, output: SILENT, workspace: root })) === 0
}

/** True when the ledger is whole and says once of each of these steps that it is completed, and nothing is left to do. */
export function isWholeLedger(root: string, steps: readonly string[]): boolean {
  const [runId = ''] = rows(root, 'SELECT run_id FROM runner_run').map(({ run_id }) => String(run_id))
  const path = join(root, '.ctxlock', 'runs', runId, 'ledger.jsonl')
  if (!existsSync(path)) return false
  const text = readFileSync(path, 'utf8')
  const { records, length } = readLedger(text)
  const completed = records.filter(({ status }) => status === 'completed').map(({ step_id }) => step_id)
  const last = new Map(records.map(({ step_id, status }) => [step_id, status]))
  return (
    length === text.length &&
    completed.toSorted().join() === steps.toSorted().join() &&
    [...last.values()].every((status) => status === 'completed')
  )
}

/** No rows where there is no table or no database yet. */
function rows(root: string, sql: string): Record<string, unknown>[] {
  const path = join(root, '.ctxlock', 'state.db')
  if (!existsSync(path)) return []
  const database = new DatabaseSync(path)
  try {
    return database.prepare(sql).all()
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('no such table')) return []
    throw error
  } finally {
    database.close()
  }
}
