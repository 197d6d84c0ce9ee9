import { erasePayload } from '@ctxlock/artifact-store'
import { carryOutErasures, type CarriedOut, type ErasureOrder } from '@ctxlock/flight-recorder'

import { createSegmentFiles } from '../environment/segment-files.ts'
import { createStateFiles } from '../environment/state-files.ts'
import type { Session } from '../session/session.ts'

/** What is kept of a run or a call beside the log, by the column that names it; children before what they refer to. */
const TABLES_OF_RUNS = [
  'runner_reply',
  'runner_edit',
  'runner_patch',
  'runner_executor_job',
  'runner_run',
  'engine_journal',
  'engine_run',
]
const TABLES_OF_CALLS = ['runner_call']

/**
 * Does what every signed order of the log says, as far as it is not done: texts of events, objects, payloads of the vault, rows of
 * runs and calls. Killed anywhere, it is called again.
 */
export function carryOut({ state, artifacts }: Pick<Session, 'state' | 'artifacts'>): CarriedOut {
  const { database } = state
  const files = createStateFiles(state.folder)
  const deleteRows = (table: string, column: string, ids: readonly string[]) => {
    if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table)) return
    const statement = database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`)
    for (const id of ids) statement.run(id)
  }
  function also(orders: readonly ErasureOrder[]): void {
    for (const { payload } of orders) {
      for (const hash of payload.vault_objects) erasePayload(files, hash)
      for (const hash of payload.objects) artifacts.remove(hash)
      for (const table of TABLES_OF_RUNS) deleteRows(table, 'run_id', payload.run_ids)
      for (const table of TABLES_OF_CALLS) deleteRows(table, 'call_id', payload.calls)
    }
  }
  return carryOutErasures({ database, also, segments: createSegmentFiles(state.folder) })
}
