import { DatabaseSync } from 'node:sqlite'

import { draftOf } from '@ctxlock/contracts/testing'
import { textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { keptIn, openLogFolder, recordRun } from '../test/log-folder.ts'
import { editorOf, openForTampering } from '../test/tampering.ts'
import type { Editor, Row } from '../test/tampering.ts'
import { verifyLog } from './index.ts'
import type { BreakReason, VerifyReport } from './index.ts'

const SEED = 20261122

/** What one change must be called: one of the reasons, at this place; or a missing tail from here. */
interface Expectation {
  readonly reasons?: readonly BreakReason[]
  readonly at: readonly number[]
  readonly missingFrom?: number
  /** True when nothing else may be reported. */
  readonly alone?: boolean
}
type Change = (edit: Editor, at: number, last: number, pick: number) => Expectation

const parsed = (row: Row): Record<string, unknown> => JSON.parse(row.event)

const CHANGES: Record<string, Change> = {
  'one character of an event': (edit, at, _last, pick) => {
    const row = edit.row(at)
    const position = pick % row.event.length
    const other = row.event[position] === 'x' ? 'y' : 'x'
    edit.put({ ...row, event: row.event.slice(0, position) + other + row.event.slice(position + 1) })
    return { reasons: ['edited_event'], at: [at], alone: true }
  },
  'the hash of an event': (edit, at) => {
    edit.put({ ...edit.row(at), event_hash: 'e'.repeat(64) })
    return { reasons: ['edited_event'], at: [at], alone: true }
  },
  'an event, with the hash that fits': (edit, at) => {
    edit.forge(at, { ...parsed(edit.row(at)), actor: 'system', step_id: 'elsewhere' })
    return { reasons: ['rewritten_event'], at: [at], alone: true }
  },
  'an event that fits its hash and remembers another predecessor': (edit, at) => {
    edit.forge(at, { ...parsed(edit.row(at)), prev_hash: 'd'.repeat(64) })
    return { reasons: ['rewritten_event'], at: [at], alone: true }
  },
  'an event removed': (edit, at, last) => {
    edit.remove(at)
    return at === last ? { at: [], missingFrom: at } : { reasons: ['removed_event'], at: [at], alone: true }
  },
  'the last events removed': (edit, at, last) => {
    for (let seq = at; seq <= last; seq += 1) edit.remove(seq)
    return { at: [], missingFrom: at }
  },
  'the last events removed, and the head put back': (edit, at, last) => {
    for (let seq = at; seq <= last; seq += 1) edit.remove(seq)
    edit.setHead(at - 1, at === 1 ? '0'.repeat(64) : edit.row(at - 1).event_hash)
    return { at: [], missingFrom: at }
  },
  'an event removed, and the others moved up': (edit, at, last) => {
    edit.remove(at)
    edit.shift(at + 1, -1)
    if (at === last) return { at: [], missingFrom: at }
    return { reasons: at === last - 1 ? ['reordered_event'] : ['removed_event'], at: [at], missingFrom: last }
  },
  'two events in each other’s place': (edit, at, last, pick) => {
    const other = 1 + ((at + (pick % (last - 1))) % last)
    if (other === at) return { at: [] }
    const [one, two] = [edit.row(at), edit.row(other)]
    edit.put({ ...two, seq: at })
    edit.put({ ...one, seq: other })
    return { reasons: ['reordered_event'], at: [at, other] }
  },
  'the texts of two events': (edit, at, last, pick) => {
    const other = 1 + ((at + (pick % (last - 1))) % last)
    if (other === at) return { at: [] }
    const [one, two] = [edit.row(at), edit.row(other)]
    edit.put({ ...one, event: two.event })
    edit.put({ ...two, event: one.event })
    return { reasons: ['edited_event'], at: [at, other], alone: true }
  },
  'an event repeated at another place': (edit, at, last, pick) => {
    const other = 1 + ((at + (pick % (last - 1))) % last)
    if (other === at) return { at: [] }
    edit.put({ ...edit.row(other), seq: at })
    return { reasons: ['reordered_event'], at: [at] }
  },
  'an event added at the end': (edit, _at, last) => {
    edit.forge(last + 1, { ...parsed(edit.row(last)), seq: last + 1, prev_hash: edit.row(last).event_hash })
    return { reasons: ['inserted_event'], at: [last + 1] }
  },
  'an event put between, and the others moved down': (edit, at, last) => {
    const before = at === 1 ? '0'.repeat(64) : edit.row(at - 1).event_hash
    const forged = { ...parsed(edit.row(at)), seq: at, prev_hash: before, step_id: 'forged' }
    edit.shift(at, 1)
    edit.forge(at, forged)
    const expected = { reasons: ['inserted_event'] as const, at: [at] }
    // Near the end there is no stretch that shows the move; the event beyond the head does.
    return at >= last - 1 ? { reasons: ['inserted_event'], at: [last + 1] } : expected
  },
  'an event before the first': (edit) => {
    edit.forge(0, { ...parsed(edit.row(1)), step_id: 'forged' })
    return { reasons: ['inserted_event'], at: [0] }
  },
  'the head, to more events': (edit, _at, last) => {
    edit.setHead(last + 3, edit.head().hash)
    return { at: [], missingFrom: last + 1 }
  },
  'the head, to another hash': (edit, _at, last) => {
    edit.setHead(last, 'c'.repeat(64))
    return { reasons: ['head_mismatch'], at: [last], alone: true }
  },
  'the head, taken away': (edit) => {
    edit.run('DELETE FROM flight_head')
    return { reasons: ['head_mismatch'], at: [0], alone: true }
  },
  'the spelling of an event, with the hash that fits': (edit, at) => {
    edit.forge(at, parsed(edit.row(at)), (value) => JSON.stringify(value, null, 1))
    return { reasons: ['not_canonical'], at: [at], alone: true }
  },
  'an unknown field, with the hash that fits': (edit, at) => {
    edit.forge(at, { ...parsed(edit.row(at)), note: 'hello' })
    return { reasons: ['schema_violation'], at: [at], alone: true }
  },
  'something that is no event, with the hash that fits': (edit, at) => {
    edit.forge(at, [])
    return { reasons: ['schema_violation'], at: [at], alone: true }
  },
  'the lookup keys of an event': (edit, at) => {
    edit.run(`UPDATE flight_key SET workflow_run_id = 'elsewhere' WHERE seq = ?`, at)
    return { reasons: ['edited_keys'], at: [at], alone: true }
  },
  'the lookup keys of an event, removed': (edit, at, last) => {
    edit.run('DELETE FROM flight_key WHERE seq = ?', at)
    // Keys that are behind are filled up by the next query.
    return at === last ? { at: [] } : { reasons: ['edited_keys'], at: [at], alone: true }
  },
  'everything from one event on, with hashes and head that fit': (edit, at, last) => {
    let previous = edit.row(at - 1).event_hash
    for (let seq = at; seq <= last; seq += 1) {
      const value = { ...parsed(edit.row(seq)), step_id: 'rewritten' }
      edit.forge(seq, at === 1 && seq === 1 ? value : { ...value, prev_hash: previous })
      previous = edit.row(seq).event_hash
    }
    edit.setHead(last, previous)
    return { reasons: ['rewritten_event'], at: [at] }
  },
}

describe('a changed log', () => {
  // T-X-REC-04, and what the step asks for: every change is named, at its place.
  test('2,000 random single changes are each named for what they are, where they are', async () => {
    using folder = await openForTampering(3, 2)
    const { database } = folder
    const edit = editorOf(database)
    const last = edit.head().count
    expect(folder.verify()).toMatchObject({
      verdict: 'intact',
      breaks: [],
      ranges: [{ state: 'intact', from: 1, to: last }],
    })

    const names = Object.keys(CHANGES)
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: 1, max: last }), fc.nat(), (name, at, pick) => {
        database.exec('BEGIN')
        try {
          const expected = CHANGES[name]?.(edit, at, last, pick) ?? { at: [] }
          expectNamed(folder.verify(), expected, `${name} at ${at}`)
        } finally {
          database.exec('ROLLBACK')
        }
      }),
      { seed: SEED, numRuns: 2000 },
    )
    expect(folder.verify().verdict).toBe('intact')
  })

  test('several changes are all named', async () => {
    using folder = await openForTampering(3, 2)
    const edit = editorOf(folder.database)
    edit.put({ ...edit.row(3), event_hash: 'e'.repeat(64) })
    edit.remove(9)
    edit.forge(14, { ...parsed(edit.row(14)), step_id: 'elsewhere' })
    const report = folder.verify()
    expect(report.breaks.map(({ reason, from }) => [reason, from])).toEqual([
      ['edited_event', 3],
      ['removed_event', 9],
      ['rewritten_event', 14],
    ])
    expect(report.ranges.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['intact', 1, 2],
      ['broken', 3, 3],
      ['intact', 4, 8],
      ['broken', 9, 9],
      ['intact', 10, 13],
      ['broken', 14, 14],
      ['intact', 15, report.events + 1],
    ])
  })

  test('what is no event is named, also when it was put there before it was signed', async () => {
    for (const [before, behind] of [
      ['{', ''],
      ['[{', '}]'],
      ['{', ',"type":"run_end"}'],
      ['{"payload":{},', ',"type":"nothing"}'],
      ['{', ',"type":"\\ud800"}'],
    ]) {
      using folder = openLogFolder(new DatabaseSync(':memory:'))
      recordRun(folder, 'run')
      folder.database.exec('DROP TRIGGER flight_event_keeps')
      const edit = editorOf(folder.database)
      const last = edit.head().count
      const text = `${before}"prev_hash":"${edit.row(last - 1).event_hash}"${behind}`
      edit.put({ seq: last, event: text, event_hash: textHash(text) })
      edit.setHead(last, textHash(text))
      await folder.anchor()
      const report = folder.verify()
      expect(report, text).toMatchObject({ verdict: 'broken', breaks: [{ from: last, to: last }] })
    }
  })

  test('what was signed may overflow a stack wherever it is read, and is named', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const changes: readonly object[] = [
      { trace_id: '%' },
      { seq: '%' },
      { prev_hash: '%' },
      { payload: { call_id: '%' } },
      { payload: { events_expected: '%' }, type: 'run_end' },
    ]
    for (const change of changes) {
      using folder = openLogFolder(new DatabaseSync(':memory:'))
      recordRun(folder, 'run')
      folder.database.exec('DROP TRIGGER flight_event_keeps')
      const edit = editorOf(folder.database)
      const last = edit.head().count
      const signsIt = !('prev_hash' in change)
      if (!signsIt) await folder.anchor()
      const text = JSON.stringify({ ...parsed(edit.row(last)), ...change }).replace('"%"', deep)
      edit.put({ seq: last, event: text, event_hash: textHash(text) })
      edit.setHead(last, textHash(text))
      if (signsIt) await folder.anchor()
      const report = folder.verify()
      expect(report.breaks, JSON.stringify(change)).toContainEqual(expect.objectContaining({ from: last, to: last }))
      expect(JSON.parse(JSON.stringify(report)).verdict).toBe('broken')
    }
  })

  test.each([
    ['count', (edit: Editor) => edit.run('UPDATE flight_head SET count = 9223372036854775807'), 'missing'],
    ['row', (edit: Editor) => edit.run("INSERT INTO flight_event VALUES (9223372036854775807, '', '')"), 'broken'],
    [
      'row that leaves some out and stands',
      (edit: Editor, last: number) => edit.put({ ...edit.row(1), seq: last + 5 }),
      'broken',
    ],
    ['checkpoint', (edit: Editor) => edit.run("INSERT INTO flight_checkpoint VALUES (9223372036854775807, '')")],
    ['lookup key', (edit: Editor) => edit.run('INSERT INTO flight_key (seq) VALUES (9223372036854775807)')],
  ] as const)('a %s beyond all events is told as such', async (_, change, state?: string) => {
    using folder = await openForTampering(1, 2)
    const edit = editorOf(folder.database)
    const { count } = edit.head()
    change(edit, count)
    const { verdict, ranges } = folder.verify()
    expect([verdict, ranges.map((range) => [range.state, range.from])]).toEqual([
      'broken',
      [['intact', 1], ...(state === undefined ? [] : [[state, count + 1]])],
    ])
  })

  test('what stands in the place of a signed event may have any shape, and is named', async () => {
    using folder = await openForTampering(1, 2)
    const edit = editorOf(folder.database)
    const intent = edit.rows().find((row) => parsed(row)['type'] === 'call_intent')
    if (!intent) throw new Error('the run has a call')
    const event = parsed(intent)
    const shapes = [{ artifact_refs: 7 }, { artifact_refs: { length: 1 } }, { call_id: { deep: [] } }, {}]
    for (const payload of shapes) {
      edit.forge(intent.seq, { ...event, payload })
      const report = verifyLog({
        database: folder.database,
        publicKey: folder.publicKey,
        kept: [keptIn(folder.anchorFile)],
        objects: { get: () => new Uint8Array(), list: () => [] },
      })
      expect(report.verdict).toBe('broken')
      expect(report.breaks, JSON.stringify(payload)).toContainEqual({
        reason: 'schema_violation',
        from: intent.seq,
        to: intent.seq,
      })
    }
  })

  test('a thousand breaks are listed, all are counted', () => {
    using folder = openLogFolder(new DatabaseSync(':memory:'))
    folder.recorder.recordAll(Array.from({ length: 1200 }, () => draftOf('diagnostic')))
    folder.database.exec("DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event_hash = 'x'")
    expect(folder.verify()).toMatchObject({ verdict: 'broken', breaks_total: 1200, breaks: { length: 1000 } })
  })

  test('a second violation with the same key is counted, whoever put it there', () => {
    using folder = openLogFolder(new DatabaseSync(':memory:'))
    folder.recorder.record(draftOf('security_violation'))
    folder.database.exec('DELETE FROM flight_violation')
    folder.recorder.record(draftOf('security_violation'))
    expect(folder.verify()).toMatchObject({ verdict: 'broken', breaks: [], duplicate_violations: [2] })
  })
})

test('a log that was never begun is empty, and verifying writes nothing', () => {
  const database = new DatabaseSync(':memory:')
  expect(verifyLog({ database })).toMatchObject({ verdict: 'intact', events: 0, ranges: [] })
  expect(database.prepare('SELECT count(*) AS n FROM sqlite_master').get()).toEqual({ n: 0 })
})

test('a database that cannot be read is an error, not a report', () => {
  using folder = openLogFolder()
  folder.database.exec('DROP TABLE flight_event')
  expect(() => folder.verify()).toThrow(expect.objectContaining({ code: 'HSK-500-DB' }))
})

function expectNamed(report: VerifyReport, expected: Expectation, label: string): void {
  const listed = report.breaks.map(({ reason, from }) => `${reason} ${from}`)
  for (const at of expected.at) {
    const names = (expected.reasons ?? []).map((reason) => `${reason} ${at}`)
    expect(
      listed.some((name) => names.includes(name)),
      `${label}: ${listed.join(', ')}`,
    ).toBe(true)
  }
  if (expected.alone) expect(listed, label).toHaveLength(expected.at.length)
  const missing = report.ranges.find(({ state }) => state === 'missing')
  if (expected.missingFrom !== undefined) expect(missing?.from, label).toBe(expected.missingFrom)
  if (expected.at.length === 0 && expected.missingFrom === undefined) return
  expect(report.verdict, label).toBe('broken')
  expectPartition(report, label)
}

/** What was changed beside the events, which are what they were. */
const BESIDE_EVENTS: ReadonlySet<BreakReason> = new Set(['edited_keys', 'head_mismatch'])

/** The ranges cover the log without gap or overlap, and no changed event is called intact. */
function expectPartition(report: VerifyReport, label: string): void {
  let next = 1
  for (const { from, to, state } of report.ranges) {
    expect([from, to >= from], label).toEqual([next, true])
    next = to + 1
    if (state !== 'intact') continue
    const inside = report.breaks.filter(
      (each) => !BESIDE_EVENTS.has(each.reason) && each.from >= from && each.from <= to,
    )
    expect(inside, label).toEqual([])
  }
}
