import { erasePayload } from '@ctxlock/artifact-store'
import { carryOutErasures, type CarriedOut, type ErasureOrder } from '@ctxlock/flight-recorder'
import { eraseConsent } from '@ctxlock/governance'

import { removeAbandonedWorktrees } from '../edits/abandoned-worktrees.ts'
import { createSegmentFiles } from '../environment/segment-files.ts'
import { createStateFiles } from '../environment/state-files.ts'
import { removeRunFiles } from '../executor/run-files.ts'
import { allEvents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { beginErasure, endErasure } from './interrupted-erasure.ts'
import { hasTable } from './named-objects.ts'
import { orderedScope } from './ordered-scope.ts'
import { unneededObjects } from './unneeded-objects.ts'

/** What is kept of a run or a call beside the log, by the column that names it; children before what they refer to. */
const TABLES_OF_RUNS = [
  'runner_reply',
  'runner_edit',
  'runner_patch',
  'runner_control',
  'runner_model_session',
  'runner_executor_job',
  'runner_run',
  'runner_claim',
  'file_lock',
  'engine_journal',
  'engine_run',
]
const TABLES_OF_CALLS = ['runner_call', 'runner_model_session']

type Erased = Pick<Session, 'root' | 'state' | 'artifacts' | 'calls' | 'jobs'>

/**
 * Does what every signed order of the log says, as far as it is not done: texts of events, objects that nothing recorded since needs,
 * payloads of the vault, rows of runs and calls, what people were asked and answered, files of runs, worktrees that nobody works in.
 * Killed anywhere, it is called again.
 */
export function carryOut({ root, state, artifacts, calls, jobs }: Erased): CarriedOut {
  const { database } = state
  const files = createStateFiles(state.folder)
  const deleteRows = (table: string, column: string, ids: readonly string[]) => {
    if (!hasTable(database, table)) return
    const statement = database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`)
    for (const id of ids) statement.run(id)
  }
  let runIds: readonly string[] = []
  let mark = ''
  function also(orders: readonly ErasureOrder[]): void {
    // In the transaction, so that no other process that is done ends this one.
    mark = beginErasure(state.folder)
    for (const { payload } of orders) {
      for (const hash of payload.vault_objects) erasePayload(files, hash)
      for (const table of TABLES_OF_RUNS) deleteRows(table, 'run_id', payload.run_ids)
      for (const table of TABLES_OF_CALLS) deleteRows(table, 'call_id', payload.calls)
      deleteRows('model_swap', 'job_id', payload.run_ids.flatMap(jobs.jobsOf))
    }
    const erased = orderedScope({ state, jobs }, orders)
    runIds = erased.runIds
    eraseConsent(database, erased, receiptsOnRecord({ state }, orders))
    for (const hash of unneededObjects({ state, artifacts, calls }, orders, erased)) artifacts.remove(hash)
  }
  removeAbandonedWorktrees(root, state.folder)
  const done = carryOutErasures({ database, also, segments: createSegmentFiles(state.folder) })
  for (const runId of runIds) removeRunFiles(state.folder, runId)
  if (done.isOverwritten) endErasure(state.folder, mark)
  return done
}

/** The same for orders that nobody signed yet, because the process that recorded them died. */
export async function finishErasures(session: Erased & Pick<Session, 'logSigner'>): Promise<CarriedOut> {
  await session.logSigner.anchor()
  return carryOut(session)
}

/** Those that allowed a call whose event no order names. */
function receiptsOnRecord(log: Pick<Session, 'state'>, orders: readonly ErasureOrder[]): ReadonlySet<string> {
  const ranges = orders.flatMap(({ payload }) => payload.events)
  const receipts = new Set<string>()
  for (const event of allEvents(log, { type: 'cloud_escalation_executed' })) {
    const isOrdered = ranges.some(({ from, to }) => from <= event.seq && event.seq <= to)
    if (event.type === 'cloud_escalation_executed' && !isOrdered) receipts.add(event.payload.consent_receipt_id)
  }
  return receipts
}
