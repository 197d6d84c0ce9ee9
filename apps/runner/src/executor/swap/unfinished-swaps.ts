import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { openSwapJournal, type SwapJournal } from '@ctxlock/micro-task'

export type UnfinishedSwap = ReturnType<SwapJournal['unfinished']>[number]

import { nodeEnvironment } from '../../environment/node-environment.ts'

/** The change of models each run was in the middle of; where its process is gone, the next one rolls it back (SWAP-018). */
export function unfinishedSwaps(database: SqlDatabase): ReadonlyMap<string, UnfinishedSwap> {
  const journal = openSwapJournal({ database, clock: nodeEnvironment.clock, record() {}, keep() {} })
  return new Map(journal.unfinished().flatMap((swap) => idOf(swap).map((runId) => [runId, swap])))
}

function idOf({ request: { requester } }: UnfinishedSwap): string[] {
  return requester.job_id === undefined ? [] : [requester.job_id]
}
