import type { FlightEvent } from '@ctxlock/contracts/events'

import type { RunReport } from './report.ts'

interface Run {
  events: number
  hasHeader: boolean
  expected: number | null
  /** True while the newest event of the run is its end. */
  endsWithEnd: boolean
  readonly unsettled: Set<string>
}

/** Counts the events of every run, so that a run that was cut off or lost events shows (REC-006). */
export function createRunCount() {
  const runs = new Map<string, Run>()

  function push(event: FlightEvent): void {
    if (event.workflow_run_id === undefined) return
    const run = runs.get(event.workflow_run_id) ?? begin(event.workflow_run_id)
    run.events += 1
    run.endsWithEnd = event.type === 'run_end'
    if (event.type === 'run_header') run.hasHeader = true
    else if (event.type === 'run_end') run.expected = event.payload.events_expected
    else if (event.type === 'call_intent' || event.type === 'sdk_call_intent') run.unsettled.add(event.payload.call_id)
    else if (event.type === 'call_settled') run.unsettled.delete(event.payload.call_id)
  }

  function begin(id: string): Run {
    const run = { events: 0, hasHeader: false, expected: null, endsWithEnd: false, unsettled: new Set<string>() }
    runs.set(id, run)
    return run
  }

  /** `erased` are the events of each run that an order had erased. */
  function finish(erased: ReadonlyMap<string, number>): RunReport[] {
    return [...runs].map(([workflow_run_id, run]) => ({
      workflow_run_id,
      state: stateOf(run, erased.get(workflow_run_id) ?? 0),
      events: run.events,
      erased: erased.get(workflow_run_id) ?? 0,
      events_expected: run.expected,
      unsettled_calls: [...run.unsettled],
    }))
  }

  return { push, finish }
}

function stateOf({ events, hasHeader, expected, endsWithEnd }: Run, erased: number): RunReport['state'] {
  if (expected === null) return hasHeader ? 'incomplete' : 'no_header'
  if (expected !== events + erased || !endsWithEnd) return 'count_mismatch'
  return hasHeader ? 'complete' : 'no_header'
}
