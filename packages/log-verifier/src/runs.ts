import type { EventText } from './event-text.ts'

export interface RunJudgement {
  readonly run: string
  /** `incomplete` has no end, `no_header` no beginning; `count_mismatch` ends with another number of events than there are. */
  readonly state: 'complete' | 'incomplete' | 'no_header' | 'count_mismatch'
}

/** Compares the number of events of each run with the one its end promises. */
export function judgeRuns(events: readonly (EventText | undefined)[]): RunJudgement[] {
  const present = events.filter((event) => event !== undefined)
  const byRun = Map.groupBy(present, ({ run }) => run)
  return [...byRun].flatMap(([run, own]) => (run === undefined ? [] : [{ run, state: stateOf(own) }]))
}

function stateOf(events: readonly EventText[]): RunJudgement['state'] {
  const hasHeader = events.some(({ type }) => type === 'run_header')
  const end = events.findLast(({ type }) => type === 'run_end')
  if (!end) return hasHeader ? 'incomplete' : 'no_header'
  if (end.expected !== events.length || events.at(-1) !== end) return 'count_mismatch'
  return hasHeader ? 'complete' : 'no_header'
}
