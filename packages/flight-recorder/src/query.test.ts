import type { EventDraft, FlightEvent } from '@ctxlock/contracts/events'
import { draftOf } from '@ctxlock/contracts/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { countingRandom, openLogFolder, recordRun, runDrafts, runEnd, uuidOf } from '../test/log-folder.ts'
import type { LogFolder } from '../test/log-folder.ts'
import { explainCall, openRecorder, queryEvents } from './index.ts'
import type { EventCursor, EventFilter } from './index.ts'
import { selectionOf } from './query.ts'

const SEED = 20261123
const all = ({ database }: LogFolder, filter: EventFilter = {}, limit = 1000) => readAll(database, filter, limit)

function readAll(database: LogFolder['database'], filter: EventFilter, limit: number): FlightEvent[] {
  const events: FlightEvent[] = []
  let after: EventCursor | undefined
  for (;;) {
    const page = queryEvents(database, filter, { limit, ...(after ? { after } : {}) })
    events.push(...page.events)
    if (!page.next) return events
    after = page.next
  }
}

test('every filter finds what it names, and nothing else', () => {
  using folder = openLogFolder()
  recordRun(folder, 'one', 2)
  recordRun(folder, 'two')
  const session = { ...draftOf('session.message'), model_session_id: 'session-1', wp_id: 'WP-7', mt_id: 'MT-003' }
  folder.recorder.record(session)

  const found = (filter: EventFilter) => all(folder, filter).map(({ seq }) => seq)
  const [first] = all(folder)
  expect(found({})).toEqual(Array.from({ length: 17 }, (_, index) => index + 1))
  expect(found({ eventId: first?.event_id ?? '' })).toEqual([1])
  expect(found({ workflowRunId: 'two' })).toEqual([11, 12, 13, 14, 15, 16])
  expect(found({ jobId: 'job-of-one', type: 'llm_inference' })).toEqual([3, 7])
  expect(found({ callId: uuidOf('one/1') })).toEqual([6, 9])
  expect(found({ traceId: uuidOf('one/0') })).toEqual([2, 3, 4, 5])
  expect(found({ modelSessionId: 'session-1' })).toEqual([17])
  expect(found({ wpId: 'WP-7', mtId: 'MT-003' })).toEqual([17])
  expect(found({ wpId: 'WP-7', mtId: 'MT-004' })).toEqual([])
  expect(found({ frEventId: 'FR-EVT-X-RUN-001' })).toEqual([1, 11])
  expect(found({ workflowRunId: 'two', afterSeq: 14 })).toEqual([15, 16])
  expect(found({ afterSeq: 17 })).toEqual([])
  expect(found({ frEventId: 'FR-EVT-LLM-INFERENCE' })).toEqual([3, 7, 13])
  expect(found({ frEventId: 'FR-EVT-006', type: 'llm_inference', workflowRunId: 'two' })).toEqual([13])
  expect(found({ workflowRunId: "' OR 1=1 --" })).toEqual([])
})

test('a time range includes its start and not its end', () => {
  using folder = openLogFolder()
  const stamps = Array.from({ length: 5 }, () => folder.recorder.record(draftOf('diagnostic'))).map(
    ({ seq }) => all(folder)[seq - 1]?.timestamp ?? '',
  )
  const range = { from: stamps[1] ?? '', to: stamps[3] ?? '' }
  expect(all(folder, range).map(({ seq }) => seq)).toEqual([2, 3])
  expect(all(folder, { ...range, type: 'diagnostic' }).map(({ seq }) => seq)).toEqual([2, 3])
})

test('pages of any size give every event once, in the order of time and place, even when the clock goes back', () => {
  using folder = openLogFolder()
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (steps, limit) => {
        for (const step of steps) {
          folder.clock.time += step
          folder.recorder.record({ ...draftOf('diagnostic'), workflow_run_id: 'run' })
        }
        for (const filter of [{}, { workflowRunId: 'run' }]) {
          const events = all(folder, filter, limit)
          const sorted = events.toSorted((a, b) =>
            a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.seq - b.seq,
          )
          expect(events).toEqual(sorted)
          expect(new Set(events.map(({ seq }) => seq)).size).toBe(folder.verify().events)
        }
      },
    ),
    { seed: SEED, numRuns: 12 },
  )
})

test('events recorded between two pages do not disturb them', () => {
  using folder = openLogFolder()
  recordRun(folder, 'one')
  const first = queryEvents(folder.database, {}, { limit: 4 })
  recordRun(folder, 'two')
  const second = queryEvents(folder.database, {}, { limit: 100, ...(first.next ? { after: first.next } : {}) })
  expect([...first.events, ...second.events].map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  expect(second.next).toBeNull()
})

test('inside a transaction a query sees what the transaction holds, and a rollback takes the keys back too', () => {
  using folder = openLogFolder()
  folder.database.exec('BEGIN')
  recordRun(folder, 'gone')
  expect(all(folder, { workflowRunId: 'gone' })).toHaveLength(6)
  folder.database.exec('ROLLBACK')
  expect(all(folder, { workflowRunId: 'gone' })).toEqual([])
  recordRun(folder, 'kept')
  expect(all(folder, { workflowRunId: 'kept' })).toHaveLength(6)
  expect(folder.verify().breaks).toEqual([])
})

test('a damaged event is shown as damaged', () => {
  using folder = openLogFolder()
  recordRun(folder, 'run')
  folder.database.exec(`DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event_hash = 'x' WHERE seq = 3`)
  const page = queryEvents(folder.database, { workflowRunId: 'run' }, { limit: 100 })
  expect(page.damaged).toEqual([3])
  expect(page.events.map(({ seq }) => seq)).toEqual([1, 2, 4, 5, 6])
  expect(explainCall(folder.database, uuidOf('run/0'))).toMatchObject({
    inference: null,
    missing: expect.arrayContaining(['inference', 'event 3 is damaged']),
  })
})

test('bytes that are no JSON at all stop neither queries nor the events after them', () => {
  using folder = openLogFolder()
  recordRun(folder, 'run')
  folder.database.exec(`DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event = '{"a' WHERE seq = 2`)
  expect(all(folder, { workflowRunId: 'run' }).map(({ seq }) => seq)).toEqual([1, 3, 4, 5, 6])
  expect(folder.verify().breaks).toEqual([{ reason: 'edited_event', from: 2, to: 2 }])
})

test.each<[string, EventFilter, { limit: number; after?: EventCursor }]>([
  ['no limit', {}, { limit: 0 }],
  ['a hidden wish for everything', {}, { limit: 1001 }],
  ['half an event', {}, { limit: 1.5 }],
  ['an unknown id', { frEventId: 'FR-EVT-999' }, { limit: 1 }],
  ['an id with the type of another', { frEventId: 'FR-EVT-006', type: 'diagnostic' }, { limit: 1 }],
  ['another spelling of a time', { from: '2026-01-01' }, { limit: 1 }],
  ['a cursor of another kind', {}, { limit: 1, after: { timestamp: 'yesterday', seq: 1 } }],
  ['half a position', { afterSeq: 0.5 }, { limit: 1 }],
  ['half a cursor', {}, { limit: 1, after: { timestamp: '2026-01-01T00:00:00.000Z', seq: Number.NaN } }],
])('%s is refused', (_, filter, page) => {
  using folder = openLogFolder()
  expect(() => queryEvents(folder.database, filter, page)).toThrow(
    expect.objectContaining({ code: 'HSK-400-INVALID-QUERY' }),
  )
})

test('a database without a log has no events', () => {
  using folder = openLogFolder()
  for (const table of ['flight_event', 'flight_key', 'flight_head', 'flight_violation'])
    folder.database.exec(`DROP TABLE ${table}`)
  expect(queryEvents(folder.database, {}, { limit: 1 })).toEqual({ events: [], damaged: [], next: null })
})

describe('speed', () => {
  const filters: [EventFilter, string][] = [
    [{}, 'flight_key_at'],
    [{ eventId: 'x' }, 'flight_key_event_id'],
    [{ workflowRunId: 'x', jobId: 'y', type: 'diagnostic' }, 'flight_key_workflow_run_id'],
    [{ jobId: 'y', type: 'diagnostic' }, 'flight_key_job_id'],
    [{ callId: 'x', workflowRunId: 'y' }, 'flight_key_call_id'],
    [{ traceId: 'x', wpId: 'y' }, 'flight_key_trace_id'],
    [{ modelSessionId: 'x' }, 'flight_key_model_session_id'],
    [{ wpId: 'x', mtId: 'y' }, 'flight_key_wp_id'],
    [{ mtId: 'y' }, 'flight_key_mt_id'],
    [{ frEventId: 'FR-EVT-006' }, 'flight_key_type'],
    [{ from: '2026-01-01T00:00:00.000Z' }, 'flight_key_at'],
    [{ workflowRunId: 'x', afterSeq: 5 }, 'flight_key_workflow_run_id'],
  ]
  test.each(filters)('%j uses %s and sorts nothing', (filter, index) => {
    using folder = openLogFolder()
    const { sql, values } = selectionOf(filter, { after: { timestamp: '2026-01-01T00:00:00.000Z', seq: 1 } })
    const plan = folder.database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values, 10)
      .map((row) => String(row['detail']))
    expect(plan[0]).toContain(`INDEX ${index} `)
    expect(plan.join()).not.toContain('TEMP B-TREE')
  })

  test('a run of 200 events out of 20,000 comes in a few milliseconds', () => {
    using folder = openLogFolder()
    const random = countingRandom()
    const recorder = openRecorder({ ...folder, redactor: quietRedactor, random })
    const drafts = Array.from({ length: 100 }, (_, run) => manyEvents(`run-${run}`)).flat()
    for (let start = 0; start < drafts.length; start += 2000) recorder.recordAll(drafts.slice(start, start + 2000))
    queryEvents(folder.database, {}, { limit: 1 })

    const times = Array.from({ length: 5 }, (_, round) => {
      const start = performance.now()
      expect(queryEvents(folder.database, { workflowRunId: `run-${round * 23}` }, { limit: 1000 }).events).toHaveLength(
        200,
      )
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })
})

const quietRedactor = { version: '1', detect: () => [], redact: (text: string) => ({ text, findings: [] }) }

function manyEvents(run: string): EventDraft[] {
  return Array.from({ length: 200 }, () => ({ ...draftOf('diagnostic'), workflow_run_id: run }))
}

describe('explaining a call (REC-035)', () => {
  test('brings together what was recorded of its trace', () => {
    using folder = openLogFolder()
    const trace_id = uuidOf('run/0')
    const bound = draftOf('context_pack_bound')
    const violation = draftOf('security_violation')
    folder.recorder.recordAll([
      ...runDrafts('run', 2),
      { ...bound, trace_id, payload: { ...bound.payload, identity: { ...bound.payload.identity, role: 'worker' } } },
      { ...draftOf('context_pack_reused'), trace_id },
      { ...violation, trace_id },
      { ...draftOf('cloud_escalation_requested'), trace_id },
    ])
    folder.recorder.recordRunEnd(runEnd('run'))
    const explanation = explainCall(folder.database, trace_id)
    expect(explanation).toMatchObject({
      identity: { role: 'worker' },
      intent: { seq: 2, payload: { call_id: trace_id } },
      inference: { seq: 3 },
      snapshot: { hash: 'a'.repeat(64) },
      guard_report: [],
      settlement: { seq: 5 },
      packs: [{ type: 'context_pack_reused' }],
      violations: [{ type: 'security_violation' }],
      others: [{ type: 'cloud_escalation_requested' }],
      // The smallest report names neither a plan nor a trace.
      missing: ['query_plan', 'retrieval_trace'],
    })
  })

  test('says what is not there instead of leaving it out', () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    expect(explainCall(folder.database, uuidOf('nobody'))).toMatchObject({
      inference: null,
      packs: [],
      missing: [
        'identity',
        'binding',
        'snapshot',
        'query_plan',
        'retrieval_trace',
        'guard_report',
        'intent',
        'inference',
        'settlement',
      ],
    })
  })
})
