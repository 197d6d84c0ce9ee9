import { coverOf } from './cover.ts'
import type { EventText } from './event-text.ts'
import type { ReportStatement } from './report-file.ts'
import { judgeRuns } from './runs.ts'
import type { RunJudgement } from './runs.ts'

export interface ReportedRun extends RunJudgement {
  /** The run as people know it: a process that goes on with one records a part of its own. */
  readonly partOf: string
  /** Events in the file with their text, those that orders in the file erased, and how many its end, or else the writer, promises. */
  readonly events: number
  readonly erased: number
  readonly expected: number
}

/**
 * Which texts are gone without an order in the tree, and how many events each run lost by orders. An order of which a text is
 * still here was not carried out.
 */
export function judgeReportedErasures(
  events: readonly { readonly seq: number; readonly state: string }[],
  texts: ReadonlyMap<number, EventText | undefined>,
) {
  const orders = events.flatMap(({ seq, state }) => {
    const event = texts.get(seq)
    if (event?.type !== 'erasure_ordered' || state !== 'in_tree') return []
    const { erasesOfRuns } = event
    return [{ erases: event.erases.map(({ from, to }) => ({ from, to: Math.min(to, seq - 1) })), erasesOfRuns }]
  })
  const isNamed = coverOf(orders.flatMap(({ erases }) => erases))
  const taken = new Set(
    events.flatMap(({ seq, state }) => (state === 'erased' && !isNamed({ from: seq, to: seq }) ? [seq] : [])),
  )
  const kept = [...texts].flatMap(([seq, event]) => (isOrder(event) ? [] : [seq])).toSorted((one, other) => one - other)
  const hasNoText = coverOf([...kept, Infinity].map((seq, at) => ({ from: (kept[at - 1] ?? 0) + 1, to: seq - 1 })))
  const ofRuns = new Map<string, number>()
  for (const { erases, erasesOfRuns } of orders) {
    if (!erases.every(hasNoText)) continue
    for (const { run, events: count } of erasesOfRuns) ofRuns.set(run, (ofRuns.get(run) ?? 0) + count)
  }
  return { taken, ofRuns }
}

/** An order stays readable whatever another one says. */
export const isOrder = (event: EventText | undefined): boolean => event?.type === 'erasure_ordered'

export function judgeReportedRuns(
  statement: ReportStatement | undefined,
  texts: ReadonlyMap<number, EventText | undefined>,
  erased: ReadonlyMap<string, number>,
): ReportedRun[] {
  const events = [...texts.values()]
  const states = new Map(judgeRuns(events, erased).map(({ run, state }) => [run, state]))
  const own = Map.groupBy(events, (event) => event?.run)
  const said =
    statement?.runs ??
    [...states.keys()].map((run_id) => ({
      run_id,
      part_of: run_id,
      events: own.get(run_id)?.length ?? 0,
    }))
  return said.map(({ run_id: run, part_of: partOf, events: promised }) => {
    const lost = erased.get(run) ?? 0
    const end = own.get(run)?.findLast((event) => event?.type === 'run_end')?.expected
    return {
      run,
      partOf,
      state: states.get(run) ?? 'no_header',
      events: own.get(run)?.length ?? 0,
      erased: lost,
      expected: typeof end === 'number' ? end : promised + lost,
    }
  })
}

export function runProblems({ run, state, events, erased, expected }: ReportedRun): string[] {
  const name = `run ${run.slice(0, 8)}`
  if (expected !== events + erased)
    return [
      `Of ${name} there are ${events} events in this file and ${erased} erased ones, and ${expected} were promised.`,
    ]
  if (state === 'count_mismatch') return [`The end of ${name} is not its last event.`]
  return state === 'no_header' && erased === 0 ? [`The beginning of ${name} is not in this file.`] : []
}
