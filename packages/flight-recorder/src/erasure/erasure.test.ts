import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { draftOf } from '@ctxlock/contracts/testing'
import { textHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { keptIn, openDatabase, openLogFolder, recordRun, runDrafts, runEnd } from '../../test/log-folder.ts'
import type { LogFolder } from '../../test/log-folder.ts'
import { carryOutErasures, proveEvent, queryEvents, verifyLog } from '../index.ts'
import type { VerifyReport } from '../index.ts'
import { signedOrders } from './erasure-orders.ts'

/** Three runs of six events; a marker stands in an event of the second. */
const MARKER = 'marker-7731'
const [FROM, TO] = [8, 11]

function openRuns(): LogFolder {
  const folder = openLogFolder()
  recordRun(folder, 'run-0')
  const [header, ...rest] = runDrafts('run-1')
  if (!header) throw new Error('A run has a header.')
  folder.recorder.recordAll([header, ...rest.map((draft) => ({ ...draft, step_id: MARKER }))])
  folder.recorder.recordRunEnd(runEnd('run-1'))
  recordRun(folder, 'run-2')
  queryEvents(folder.database, {}, { limit: 1 })
  return folder
}

function order(
  { recorder }: LogFolder,
  from = FROM,
  to = TO,
  runs = [{ workflow_run_id: 'run-1', events: TO - FROM + 1 }],
) {
  const draft = draftOf('erasure_ordered')
  const { workflow_run_id: _, ...place } = draft
  return recorder.record({
    ...place,
    payload: { ...draft.payload, events: [{ from, to }], runs, calls: [], run_ids: [], objects: [], vault_objects: [] },
  })
}

const ranges = ({ ranges: said }: VerifyReport) => said.map(({ state, from, to }) => `${state} ${from}-${to}`)

test('an erased text is gone from the file and the journal; the log stays intact and says so', async () => {
  using folder = openRuns()
  const { seq } = order(folder)
  expect(folder.verify()).toMatchObject({ erasures: { orders: 0, events: 0, waiting: 0 } })
  await folder.anchor()
  expect(folder.verify()).toMatchObject({ verdict: 'intact', erasures: { orders: 1, events: 0, waiting: 4 } })
  const before = queryEvents(folder.database, { workflowRunId: 'run-1' }, { limit: 10 }).events

  expect(carryOutErasures(folder)).toEqual({ events: 4, isOverwritten: true })

  const report = folder.verify()
  expect(ranges(report)).toEqual([`intact 1-${FROM - 1}`, `erased ${FROM}-${TO}`, `intact ${TO + 1}-${seq}`])
  expect(report).toMatchObject({ verdict: 'intact', breaks: [], erasures: { orders: 1, events: 4, waiting: 0 } })
  expect(report.runs.find(({ workflow_run_id }) => workflow_run_id === 'run-1')).toMatchObject({
    state: 'complete',
    events: 2,
    erased: 4,
    events_expected: 6,
  })
  for (const name of ['state.db', 'state.db-wal']) {
    const bytes = readFileSync(join(folder.path, name), 'latin1')
    expect(bytes).not.toContain(MARKER)
    for (const { salt, type } of before.slice(1, 5)) expect(bytes, `${type} in ${name}`).not.toContain(salt)
  }
  expect(queryEvents(folder.database, { workflowRunId: 'run-1' }, { limit: 10 })).toMatchObject({ damaged: [] })
  expect(() => proveEvent({ ...folder, seq: FROM })).toThrow(expect.objectContaining({ code: 'HSK-410-ERASED' }))
  expect(proveEvent({ ...folder, seq: TO + 1 })).toContain('c2sp.org/tlog-proof@v1')
})

test('an order is carried out once, however often it is called, and goes on where it was stopped', async () => {
  using folder = openRuns()
  order(folder)
  await folder.anchor()
  const stop = () => {
    throw new Error('killed')
  }
  expect(() => carryOutErasures({ ...folder, also: stop })).toThrow(expect.objectContaining({ code: 'HSK-500-DB' }))
  expect(folder.verify()).toMatchObject({ verdict: 'intact', erasures: { events: 0, waiting: 4 } })
  expect(carryOutErasures(folder).events).toBe(4)
  expect(carryOutErasures(folder).events).toBe(0)
  recordRun(folder, 'run-3')
  expect(folder.verify()).toMatchObject({ verdict: 'unanchored', breaks: [] })
})

test('nothing is erased before its order is signed, and never inside a transaction', async () => {
  using folder = openRuns()
  await folder.anchor()
  order(folder)
  expect(carryOutErasures(folder).events).toBe(0)
  await folder.anchor()
  folder.database.exec('BEGIN')
  expect(() => carryOutErasures(folder)).toThrow(expect.objectContaining({ code: 'HSK-409-UNCOMMITTED' }))
  folder.database.exec('ROLLBACK')
  expect(carryOutErasures(folder).events).toBe(4)
})

test('an order cannot be erased, nor what comes after it', async () => {
  using folder = openRuns()
  const first = order(folder)
  order(folder, first.seq, first.seq + 5, [])
  await folder.anchor()
  carryOutErasures(folder)
  expect(folder.verify()).toMatchObject({ verdict: 'intact', erasures: { orders: 2, events: 4 } })
})

test('a reader that holds an older state open is named, because the journal keeps the bytes for it', async () => {
  using folder = openRuns()
  order(folder)
  await folder.anchor()
  const reader = openDatabase(join(folder.path, 'state.db'))
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM flight_event').get()
  folder.database.exec('PRAGMA busy_timeout = 0')
  expect(carryOutErasures(folder)).toEqual({ events: 4, isOverwritten: false })
  reader.close()
  expect(carryOutErasures(folder)).toEqual({ events: 0, isOverwritten: true })
  expect(readFileSync(join(folder.path, 'state.db-wal'))).toHaveLength(0)
})

test.each([
  ['a text that no order names', 'UPDATE flight_event SET event = NULL WHERE seq = 3', [3, 3]],
  ['one more than the order names', `UPDATE flight_event SET event = NULL WHERE seq = ${TO + 1}`, [TO + 1, TO + 1]],
  ['every text', "UPDATE flight_event SET event = NULL WHERE event ->> '$.type' <> 'erasure_ordered'", [1, FROM - 1]],
])('%s was taken away: broken there', async (_, sql, [from, to]) => {
  using folder = openRuns()
  order(folder)
  await folder.anchor()
  carryOutErasures(folder)
  folder.database.exec(sql)
  const report = folder.verify()
  expect(report.verdict).toBe('broken')
  expect(report.breaks).toContainEqual({ reason: 'text_removed', from, to })
  expect(report.ranges).toContainEqual({ state: 'broken', from, to })
  expect(report.ranges).toContainEqual({ state: 'erased', from: FROM, to: TO })
})

test('the hash of an erased event cannot be changed, and an order that nobody signed erases nothing', async () => {
  using folder = openRuns()
  order(folder)
  await folder.anchor()
  carryOutErasures(folder)
  expect(() =>
    folder.database.exec(`UPDATE flight_event SET event_hash = '${'e'.repeat(64)}' WHERE seq = ${FROM}`),
  ).toThrow('append-only')
  folder.database.exec('DROP TRIGGER flight_event_keeps')
  folder.database.exec(`UPDATE flight_event SET event_hash = '${textHash('x')}' WHERE seq = ${FROM}`)
  expect(folder.verify().breaks).toContainEqual({ reason: 'rewritten_event', from: FROM, to: FROM })

  using forged = openRuns()
  await forged.anchor()
  order(forged, 2, 2, [{ workflow_run_id: 'run-0', events: 1 }])
  forged.database.exec('UPDATE flight_event SET event = NULL WHERE seq = 2; DELETE FROM flight_key WHERE seq = 2')
  expect(forged.verify().breaks).toContainEqual({ reason: 'text_removed', from: 2, to: 2 })
  const unsigned = verifyLog({ database: forged.database, kept: [keptIn(forged.anchorFile)] })
  expect([unsigned.verdict, unsigned.erasures.events]).toEqual(['unanchored', 1])
})

test.each([
  ['an event before it names', false, { missing: [], erased: 1 }],
  ['an event after it names too', true, { missing: [textHash('object')], erased: 0 }],
])('an order excuses an object that %s', async (_, isNamedAgain, expected) => {
  using folder = openLogFolder()
  const report_ref = textHash('object')
  const summary = draftOf('meta.gc_summary')
  const name = () => folder.recorder.record({ ...summary, payload: { ...summary.payload, report_ref } })
  name()
  const { workflow_run_id: _run, ...draft } = draftOf('erasure_ordered')
  folder.recorder.record({ ...draft, payload: { ...draft.payload, events: [], runs: [], objects: [report_ref] } })
  if (isNamedAgain) name()
  await folder.anchor()
  const get = () => {
    throw Object.assign(new Error('no object'), { code: 'ARTIFACT_MISSING' })
  }
  const { database, publicKey } = folder
  expect(verifyLog({ database, publicKey, objects: { get, list: () => [] } }).objects).toMatchObject(expected)
})

test('where no log was begun there is no order to look for', () => {
  using database = new DatabaseSync(':memory:')
  expect(signedOrders(database)).toEqual([])
})
