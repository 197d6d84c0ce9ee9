import { CallRecord } from '@ctxlock/contracts/call'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { parseCanonical } from '@ctxlock/core-hash'
import {
  erasureOrders,
  proveEvents,
  storedEvents,
  storedEventsAt,
  type Checkpoint,
  type StoredEvent,
} from '@ctxlock/flight-recorder'
import type { ReportFile } from '@ctxlock/log-verifier/browser'

import { callIntents } from '../session/all-events.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { statementText } from './report-statement.ts'
import type { RunPart } from './run-parts.ts'

export interface ReportParts {
  /** Those of the run, then those of its children. */
  readonly parts: readonly RunPart[]
  readonly publicKey: string | undefined
  /** The tree that events are proved in; undefined when nothing was signed. */
  readonly checkpoint: (Checkpoint & { readonly note: string }) | undefined
  sign(statement: string): string | null
}

/**
 * The data of a report: events, their proofs, the records that say which sources each call saw, and a statement. The same for the
 * same run and checkpoint. No text of a prompt, reply, rule or source is in it. Codes: HSK-409-LOG-DIVERGED, HSK-500-DB.
 */
export function reportData(session: StoredSession, { parts, publicKey, checkpoint, sign }: ReportParts): ReportFile {
  const { database } = session.state
  const runIds = parts.map(({ runId }) => runId)
  const byRun = parts.map(({ runId, partOf }) => ({
    run_id: runId,
    part_of: partOf,
    events: storedEvents(database, runId),
  }))
  const found = [...byRun.flatMap(({ events: own }) => own), ...erasuresOf(database, runIds)]
  const events = [...new Map(found.map((event) => [event.seq, event])).values()].toSorted(
    (one, other) => one.seq - other.seq,
  )
  const { nodes, proofs } = proofsOf(database, events, checkpoint)
  const { calls, records, missing } = recordsOf(session, runIds)
  const runs = byRun.map(({ events: own, ...part }) => ({ ...part, events: own.length }))
  const statement = statementText(session, { runs, calls, missing })
  return {
    schema_version: 'ctxlock.report@1',
    public_key: publicKey ?? null,
    checkpoint: checkpoint?.note ?? null,
    nodes,
    events: events.map(({ seq, text, hash }) => ({
      seq,
      text,
      hash: text === null ? hash : null,
      proof: proofs.get(seq) ?? null,
    })),
    records,
    statement,
    statement_note: sign(statement),
  }
}

/** The orders by which events of these runs were erased, and what is left of those events where an order is about no other run. */
function erasuresOf(database: SqlDatabase, runIds: readonly string[]): StoredEvent[] {
  return erasureOrders(database).flatMap(({ seq, payload }) => {
    const runs = payload.runs.map(({ workflow_run_id }) => workflow_run_id)
    if (!runs.some((run) => runIds.includes(run))) return []
    const isOwn = runs.every((run) => runIds.includes(run))
    const named = isOwn ? payload.events.flatMap(({ from, to }) => storedEventsAt(database, from, to)) : []
    return [...named.filter(({ text }) => text === null), ...storedEventsAt(database, seq, seq)]
  })
}

function proofsOf(database: SqlDatabase, events: readonly StoredEvent[], checkpoint: ReportParts['checkpoint']) {
  if (!checkpoint) return { nodes: [], proofs: new Map<number, readonly number[]>() }
  const seqs = events.flatMap(({ seq }) => (seq <= checkpoint.size ? [seq] : []))
  return proveEvents({ database, seqs, checkpoint })
}

/** The retrieval trace of each call: which sources and spans it saw. Query, rules and task stand in other records. */
function recordsOf(session: StoredSession, runIds: readonly string[]) {
  const calls: CallRecord[] = []
  const records = new Map<string, string>()
  const missing: string[] = []
  const textOf = (hash: string): string | undefined => {
    if (session.artifacts.has(hash)) return Buffer.from(session.artifacts.get(hash)).toString('utf8')
    missing.push(hash)
    return undefined
  }
  for (const workflowRunId of runIds) {
    for (const { payload } of callIntents(session, { workflowRunId })) {
      const call = payload.call_record_ref === undefined ? undefined : textOf(payload.call_record_ref)
      if (call === undefined) continue
      const record = CallRecord.parse(parseCanonical(Buffer.from(call)))
      const { content_hash } = record.retrieval_trace
      const trace = textOf(content_hash)
      calls.push(record)
      if (trace !== undefined) records.set(content_hash, trace)
    }
  }
  return { calls, records: [...records.values()], missing }
}
