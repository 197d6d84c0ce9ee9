import { ModelSwapRequest, SwapReport, SwapState } from '@ctxlock/contracts/model-swap'
import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { MicroTaskError } from '../micro-task-error.ts'
import type { SwapEntry, SwapEvent, SwapJournal } from './swap-ports.ts'

export interface SwapJournalOptions {
  readonly database: SqlDatabase
  readonly clock: Pick<Clock, 'now'>
  /** Records one event in the transaction that is open. A throw undoes the whole step. */
  record(event: SwapEvent, request: ModelSwapRequest): void
  /** Stores the report as an artifact (SWAP-019), in the same transaction. */
  keep(report: SwapReport): void
}

/** A journal in the state database: a row and its events are there together or not at all. */
export function openSwapJournal({ database, clock, record, keep }: SwapJournalOptions): SwapJournal {
  database.exec(`
    CREATE TABLE IF NOT EXISTS model_swap (
      request_id TEXT PRIMARY KEY, job_id TEXT, state TEXT NOT NULL, request TEXT NOT NULL, error TEXT, report TEXT,
      began_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS model_swap_job ON model_swap (job_id);
    CREATE INDEX IF NOT EXISTS model_swap_open ON model_swap (began_at) WHERE report IS NULL;
  `)
  const find = (requestId: string): SwapEntry | undefined => {
    const row = database.prepare('SELECT * FROM model_swap WHERE request_id = ?').get(requestId)
    return row && entryOf(row)
  }
  /** Writes one row and the events that go with it. */
  const write = (
    requestId: string,
    events: readonly SwapEvent[],
    change: () => { readonly changes: number | bigint },
  ) =>
    inTransaction(database, () => {
      if (Number(change().changes) !== 1) throw damaged(requestId)
      const entry = find(requestId)
      if (!entry) throw damaged(requestId)
      for (const event of events) record(event, entry.request)
    })
  return {
    find,
    begin(request, events) {
      const { request_id, requester } = request
      write(request_id, events, () =>
        database
          .prepare(`INSERT INTO model_swap VALUES (?, ?, 'requested', ?, NULL, NULL, ?)`)
          .run(request_id, requester.job_id ?? null, JSON.stringify(request), clock.now()),
      )
    },
    enter(requestId, state, events, error) {
      const stored = error ? JSON.stringify(error) : null
      write(requestId, events, () =>
        database
          .prepare('UPDATE model_swap SET state = ?, error = ? WHERE request_id = ? AND report IS NULL')
          .run(state, stored, requestId),
      )
    },
    end(report, events) {
      inTransaction(database, () => {
        keep(report)
        write(report.request_id, events, () =>
          database
            .prepare('UPDATE model_swap SET state = ?, report = ? WHERE request_id = ? AND report IS NULL')
            .run(STATE_OF[report.outcome], JSON.stringify(report), report.request_id),
        )
      })
    },
    unfinished: () =>
      database
        .prepare('SELECT * FROM model_swap WHERE report IS NULL ORDER BY began_at, request_id')
        .all()
        .map(entryOf),
    countOf({ requester: { job_id = null } }) {
      return Number(database.prepare('SELECT count(*) AS n FROM model_swap WHERE job_id IS ?').get(job_id)?.['n'] ?? 0)
    },
  }
}

const STATE_OF = { success: 'completed', failure: 'failed', timeout: 'timed_out' } as const

/** The state folder can be written by others: what is read back is checked like any input. */
function entryOf(row: Record<string, unknown>): SwapEntry {
  try {
    const { error, report } = row
    const request = ModelSwapRequest.parse(jsonOf(row['request']))
    return {
      request,
      state: SwapState.parse(row['state']),
      ...(error !== null && { error: SwapReport.shape.error.unwrap().parse(jsonOf(error)) }),
      ...(report !== null && { report: SwapReport.parse(jsonOf(report)) }),
    }
  } catch (error) {
    throw damaged(String(row['request_id']), error)
  }
}

function jsonOf(text: unknown): unknown {
  return JSON.parse(String(text))
}

function damaged(requestId: string, cause?: unknown): MicroTaskError {
  return new MicroTaskError('SWAP_RECORD_DAMAGED', `The record of the swap ${requestId} cannot be read.`, { cause })
}
