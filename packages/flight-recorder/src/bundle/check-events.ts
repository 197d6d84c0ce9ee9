import type { FlightEvent } from '@ctxlock/contracts/events'
import { ErasedPart } from '@ctxlock/contracts/evidence-bundle'
import type { BundleEvent, BundleHead } from '@ctxlock/contracts/evidence-bundle'
import type { Uuid } from '@ctxlock/contracts/primitives'
import { textHash } from '@ctxlock/core-hash'

import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import { eventLeafHash } from '../tree/merkle-hash.ts'
import { rootFromInclusion } from '../tree/proofs.ts'
import { examineEvent } from '../verify/examined-event.ts'
import type { RunReport } from '../verify/report.ts'
import type { BundleProblem, BundleProblemKind } from './bundle-problem.ts'
import type { LineOf } from './lines-of.ts'

export interface CheckedEvents {
  readonly counts: {
    readonly whole: number
    readonly withoutNames: number
    readonly hashOnly: number
    readonly erased: number
  }
  /** Those whose text is here and holds. */
  readonly known: readonly FlightEvent[]
  readonly runs: readonly BundledPart[]
}

/** One part of the run; `erased` when an order took its end. */
export interface BundledPart {
  readonly workflow_run_id: Uuid
  readonly state: RunReport['state'] | 'erased'
}

/** Checks that each event stands in the signed tree at its place, in order, and that no part of the run promises other numbers. */
export function checkEvents(
  lines: readonly LineOf<'event'>[],
  head: BundleHead | undefined,
  checkpoint: Checkpoint | undefined,
  problems: BundleProblem[],
): CheckedEvents {
  const known: FlightEvent[] = []
  const told: Told[] = []
  let before = 0
  for (const { line, record } of lines) {
    const report = (problem: BundleProblemKind) => void problems.push({ line, problem })
    if (record.seq <= before) report('event_out_of_order')
    before = record.seq
    if (checkpoint && !isInTree(record, checkpoint)) report('event_not_in_log')
    if (head && !isRedactedAs(record, head.redaction)) report('redaction_mismatch')
    const event = 'event' in record ? wholeEvent(record, report) : undefined
    if (event) known.push(event)
    const said = event ? toldBy(event) : 'shown' in record ? toldBy(record.shown) : undefined
    if (!said) continue
    told.push(said)
    const isOwn = said.type === 'erasure_ordered' || head?.recorded_as.some((id) => id === said.run) === true
    if (!isOwn) report('event_of_another_run')
  }
  const erased = lines.filter(({ record }) => 'left_out' in record && record.left_out === 'erased')
  const orders = carriedOut(told, new Set(erased.map(({ record }) => record.seq)))
  for (const { line, record } of erased) {
    const isOrdered = orders.some(({ events }) => events.some(({ from, to }) => from <= record.seq && record.seq <= to))
    if (!isOrdered && told.length > 0) problems.push({ line, problem: 'event_taken_away' })
  }
  const runs = head && told.length > 0 ? head.recorded_as.map((id) => partOf(id, told, orders)) : []
  const last = lines.at(-1)?.line ?? 1
  for (const { state } of runs)
    if (state === 'count_mismatch') problems.push({ line: last, problem: 'events_missing_or_added' })
  return { counts: countsOf(lines.map(({ record }) => record)), known, runs }
}

function isInTree({ seq, event_hash, inclusion }: BundleEvent, { size, root }: Checkpoint): boolean {
  return rootFromInclusion(eventLeafHash(event_hash), seq - 1, size, inclusion) === root
}

function isRedactedAs(record: BundleEvent, redaction: BundleHead['redaction']): boolean {
  if ('event' in record) return redaction === 'none'
  return record.left_out === 'erased' || record.left_out === redaction
}

function wholeEvent(
  { seq, event: text, event_hash }: Extract<BundleEvent, { event: string }>,
  report: (problem: BundleProblemKind) => void,
): FlightEvent | undefined {
  if (textHash(text) !== event_hash) {
    report('event_changed')
    return undefined
  }
  const { event } = examineEvent(seq, text, event_hash)
  if (event?.seq === seq) return event
  report('event_invalid')
  return undefined
}

/** What the completeness of a run is judged by. */
interface Told {
  readonly run: unknown
  readonly type: unknown
  readonly payload: object
}

function toldBy({ workflow_run_id: run, type, payload }: Readonly<Record<string, unknown>>): Told {
  return { run, type, payload: typeof payload === 'object' && payload !== null ? payload : {} }
}

/** What an order says that was carried out in this bundle: every position it names is gone. */
function carriedOut(told: readonly Told[], erased: ReadonlySet<number>): ErasedPart[] {
  return told.flatMap(({ type, payload }) => {
    const order = type === 'erasure_ordered' ? ErasedPart.safeParse(payload) : undefined
    const isDone = order?.data?.events.every(({ from, to }) => to - from < erased.size && isAllIn(from, to, erased))
    return order?.data && isDone === true ? [order.data] : []
  })
}

function isAllIn(from: number, to: number, positions: ReadonlySet<number>): boolean {
  for (let seq = from; seq <= to; seq += 1) if (!positions.has(seq)) return false
  return true
}

/** One part of the run: its events here, and those it lost by order, are as many as its end promises. */
function partOf(workflow_run_id: Uuid, told: readonly Told[], orders: readonly ErasedPart[]): BundledPart {
  const own = told.filter(({ run }) => run === workflow_run_id)
  const lost = orders
    .flatMap(({ runs }) => runs.filter((run) => run.workflow_run_id === workflow_run_id))
    .reduce((sum, { events }) => sum + events, 0)
  const hasHeader = lost > 0 || own.some(({ type }) => type === 'run_header')
  const end = own.findLast(({ type }) => type === 'run_end')
  if (!end) return { workflow_run_id, state: lost > 0 ? 'erased' : hasHeader ? 'incomplete' : 'no_header' }
  const isAll = Reflect.get(end.payload, 'events_expected') === own.length + lost && own.at(-1) === end
  return { workflow_run_id, state: isAll ? (hasHeader ? 'complete' : 'no_header') : 'count_mismatch' }
}

function countsOf(records: readonly BundleEvent[]): CheckedEvents['counts'] {
  const count = (left: string | undefined) =>
    records.filter((record) => ('left_out' in record ? record.left_out : undefined) === left).length
  return { whole: count(undefined), withoutNames: count('names'), hashOnly: count('all'), erased: count('erased') }
}
