import type { EventText } from './event-text.ts'

export interface RunJudgement {
  readonly run: string
  /** `incomplete` has no end, `no_header` no beginning; `count_mismatch` ends with another number of events than there are. */
  readonly state: 'complete' | 'incomplete' | 'no_header' | 'count_mismatch'
}

/** Compares the number of events of each run, with those it lost by order, with the one its end promises. */
export function judgeRuns(
  events: readonly (EventText | undefined)[],
  erased: ReadonlyMap<string, number>,
): RunJudgement[] {
  const present = events.filter((event) => event !== undefined)
  const byRun = Map.groupBy(present, ({ run }) => run)
  return [...byRun].flatMap(([run, own]) =>
    run === undefined ? [] : [{ run, state: stateOf(own, erased.get(run) ?? 0) }],
  )
}

function stateOf(events: readonly EventText[], erased: number): RunJudgement['state'] {
  const hasHeader = events.some(({ type }) => type === 'run_header')
  const end = events.findLast(({ type }) => type === 'run_end')
  if (!end) return hasHeader ? 'incomplete' : 'no_header'
  if (end.expected !== events.length + erased || events.at(-1) !== end) return 'count_mismatch'
  return hasHeader ? 'complete' : 'no_header'
}
