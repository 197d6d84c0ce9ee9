import type { FlightEvent } from '@ctxlock/contracts/events'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalHash } from '@ctxlock/core-hash'
import { signedOrders } from '@ctxlock/flight-recorder'

import { allEvents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { idsOf, type ErasureScope } from './erasure-scope.ts'
import { answersOnlyOf } from './answers-of-calls.ts'
import { neededApprovals } from './needed-approvals.ts'
import { hashesIn, hashesInTables, objectsNaming, reachable } from './named-objects.ts'
import { orderedScope } from './ordered-scope.ts'

/** What would go, and what stays although it belongs to it. */
export interface ErasurePlan {
  readonly events: readonly { readonly from: number; readonly to: number }[]
  readonly runs: readonly { readonly workflow_run_id: string; readonly events: number }[]
  readonly calls: readonly string[]
  readonly runIds: readonly string[]
  readonly objects: readonly string[]
  readonly vaultObjects: readonly string[]
  /** Events that others still need: header and end of a run that keeps some, approvals of receipts in use. */
  readonly spared: number
}

type Recorded = Pick<Session, 'state' | 'artifacts' | 'calls' | 'jobs'>

/**
 * Plans an erasure from one view of the record; changes nothing. Objects go that only what is erased, now or before, leads to, and
 * answers that no other call gave or saw. `texts` is whether the events lose their text and salt too; header and end of their runs
 * stay then, so that `verify` can count.
 */
export function planErasure(session: Recorded, scope: ErasureScope, texts: boolean): ErasurePlan {
  return inTransaction(session.state.database, () => {
    const [gone, spared]: [FlightEvent[], number[]] = [[], []]
    const [ofScope, others] = [new Set<string>(), new Set<string>()]
    const needed = neededApprovals(session, scope)
    const before = orderedScope(session, signedOrders(session.state.database))
    const reports = new Set<string>()
    for (const event of allEvents(session, {})) {
      if (event.type === 'erasure_ordered' || event.type === 'log_sealed') continue
      const isInScope = scope.holds(event)
      if (!isInScope && before.holds(event)) continue
      if (!isInScope && event.type === 'meta.gc_summary') reports.add(event.payload.report_ref)
      for (const hash of hashesIn(JSON.stringify(event.payload))) (isInScope ? ofScope : others).add(hash)
      if (!isInScope || !texts) continue
      if (event.type === 'run_header' || event.type === 'run_end' || needed.has(event.seq)) spared.push(event.seq)
      else gone.push(event)
    }
    const ids = idsOf(scope)
    const rows = hashesInTables(session.state.database, ids, idsOf(before))
    // A report of an earlier retention stays; the objects that it says are gone do not stay for it.
    const kept = reachable(session.artifacts, [...others, ...rows.others], reports)
    const unnamed = objectsNaming(session.artifacts, ids, kept)
    const led = reachable(session.artifacts, new Set([...ofScope, ...rows.ofScope, ...unnamed]))
    const answers = answersOnlyOf(session, scope.calls, before.calls)
    const objects = [...new Set([...[...led].filter((hash) => !kept.has(hash)), ...answers])].toSorted()
    return {
      events: rangesOf(gone.map(({ seq }) => seq)),
      runs: countsOf(gone),
      calls: scope.calls,
      runIds: scope.runIds,
      objects,
      vaultObjects: objects.flatMap((hash) => vaultObjectsIn(session, hash)),
      spared: spared.length,
    }
  })
}

/** Names exactly this plan: whoever confirms it by its hash has seen it. */
export function planHash(plan: ErasurePlan): string {
  return canonicalHash(plan)
}

export function isEmptyPlan({ events, objects, vaultObjects }: ErasurePlan): boolean {
  return events.length + objects.length + vaultObjects.length === 0
}

function rangesOf(positions: readonly number[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  for (const position of positions.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last?.to === position - 1) last.to = position
    else ranges.push({ from: position, to: position })
  }
  return ranges
}

function countsOf(events: readonly FlightEvent[]) {
  const byRun = Map.groupBy(events, ({ workflow_run_id }) => workflow_run_id)
  return [...byRun].flatMap(([id, own]) => (id === undefined ? [] : [{ workflow_run_id: id, events: own.length }]))
}

/** The snapshot of a call names what the vault keeps of it. */
function vaultObjectsIn({ artifacts }: Recorded, hash: string): string[] {
  const text = Buffer.from(artifacts.get(hash)).toString('utf8')
  return [...text.matchAll(/"uri":"\/encrypted\/([0-9a-f]{64})"/g)].flatMap(([, found]) => found ?? [])
}
