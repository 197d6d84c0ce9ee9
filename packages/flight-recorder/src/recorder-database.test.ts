// What a recorder makes of its database: transactions of the host, a log that cannot be written, one that must not be opened.
import { DatabaseSync } from 'node:sqlite'

import type { EventDraft } from '@ctxlock/contracts/events'
import { draftOf } from '@ctxlock/contracts/testing'
import { describe, expect, test } from 'vitest'

import { countingRandom, failing, openLogFolder, testRedactor, type LogFolder } from '../test/log-folder.ts'
import { codeOf, errorOf } from '../test/recorder-errors.ts'
import { openRecorder } from './index.ts'

describe('transactions', () => {
  test('a receipt says whether the event is durable; a rollback of the host takes it back', () => {
    using folder = openLogFolder()
    expect(folder.recorder.record(draftOf('diagnostic')).durable).toBe(true)
    folder.database.exec('BEGIN')
    expect(folder.recorder.record(draftOf('diagnostic'))).toMatchObject({ seq: 2, durable: false })
    folder.database.exec('ROLLBACK')
    expect(folder.recorder.record(draftOf('diagnostic'))).toMatchObject({ seq: 2, durable: true })
    folder.database.exec('BEGIN')
    folder.recorder.record(draftOf('diagnostic'))
    folder.database.exec('COMMIT')
    expect(folder.verify()).toMatchObject({ events: 3, breaks: [] })
  })

  test('of several events all are recorded, or none', () => {
    using folder = openLogFolder()
    const bad: EventDraft = Object.assign({}, draftOf('diagnostic'), { extra: 1 })
    expect(codeOf(() => folder.recorder.recordAll([draftOf('diagnostic'), bad]))).toBe('HSK-400-INVALID-EVENT')
    const tools = draftOf('tool_call')
    const large = {
      ...tools,
      payload: { ...tools.payload, resources_touched: Array.from({ length: 5 }, () => 'y'.repeat(8000)) },
    }
    expect(codeOf(() => folder.recorder.recordAll([draftOf('diagnostic'), large]))).toBe('HSK-400-INVALID-EVENT')
    expect(folder.recorder.recordAll([])).toEqual([])
    expect(folder.verify()).toMatchObject({ events: 0, breaks: [] })
  })

  test('two recorders on one file take turns', () => {
    using folder = openLogFolder()
    const other = openRecorder({ ...folder, redactor: testRedactor, random: countingRandom() })
    for (let turn = 0; turn < 10; turn += 1) {
      folder.recorder.record(draftOf('diagnostic'))
      other.record(draftOf('diagnostic'))
    }
    expect(folder.verify()).toMatchObject({ events: 20, breaks: [] })
  })
})

// T-X-REC-05
describe('when the log cannot be written the action does not happen', () => {
  const faults: [string, (folder: LogFolder) => Parameters<typeof failing>[1]][] = [
    ['BEGIN', ({ database }) => ({ exec: failOn(database, 'BEGIN') })],
    ['COMMIT', ({ database }) => ({ exec: failOn(database, 'COMMIT') })],
    ['a full disk', ({ database }) => ({ prepare: failingInsert(database) })],
  ]
  test.each(faults)('%s', (_, fault) => {
    using folder = openLogFolder()
    const draft = draftOf('micro_task_iteration_started')
    folder.recorder.record(draft)
    const broken = openRecorder({
      ...folder,
      database: failing(folder.database, fault(folder)),
      redactor: testRedactor,
      random: countingRandom(),
    })
    let performed = 0
    const error = errorOf(() => {
      broken.record(draft)
      performed += 1
    })
    expect(error.code).toBe('HSK-500-DB')
    expect(error.cause).toBeInstanceOf(Error)
    expect(performed).toBe(0)
    expect(folder.database.isTransaction).toBe(false)
    // The log goes on as if nothing had been tried.
    expect(folder.recorder.record(draft).seq).toBe(2)
    expect(folder.verify()).toMatchObject({ events: 2, breaks: [] })
  })

  test('a disk that is really full', () => {
    using folder = openLogFolder()
    folder.recorder.record(draftOf('diagnostic'))
    const pages = Number(folder.database.prepare('PRAGMA page_count').get()?.['page_count'])
    folder.database.exec(`PRAGMA max_page_count = ${pages}`)
    let recorded = 1
    const error = errorOf(() => {
      for (;;) {
        folder.recorder.record(draftOf('ace_call_report'))
        recorded += 1
      }
    })
    expect(error.code).toBe('HSK-500-DB')
    expect(folder.verify()).toMatchObject({ events: recorded, breaks: [] })
  })

  test('an error after a COMMIT that did happen leaves a whole log', () => {
    using folder = openLogFolder()
    const database = failing(folder.database, {
      exec(sql) {
        folder.database.exec(sql)
        if (sql === 'COMMIT') throw new Error('EIO')
      },
    })
    const broken = openRecorder({
      ...folder,
      database,
      redactor: testRedactor,
      random: countingRandom(),
    })
    expect(codeOf(() => broken.record(draftOf('diagnostic')))).toBe('HSK-500-DB')
    folder.recorder.record(draftOf('diagnostic'))
    expect(folder.verify()).toMatchObject({ events: 2, breaks: [] })
  })

  test('a closed database', () => {
    using folder = openLogFolder()
    folder.database.close()
    expect(codeOf(() => folder.recorder.record(draftOf('diagnostic')))).toBe('HSK-500-DB')
  })
})

describe('opening', () => {
  const options = (folder: LogFolder) => ({
    ...folder,
    redactor: testRedactor,
    random: countingRandom(),
  })

  test('a connection that does not wait for the disk is refused', () => {
    using folder = openLogFolder()
    folder.database.exec('PRAGMA synchronous = NORMAL')
    expect(codeOf(() => openRecorder(options(folder)))).toBe('HSK-500-DB')
  })

  test('a database that keeps its texts in UTF-16 is refused', () => {
    using database = new DatabaseSync(':memory:')
    database.exec("PRAGMA encoding = 'UTF-16'")
    expect(codeOf(() => openLogFolder(database))).toBe('HSK-500-DB')
  })

  test('a log of another version is refused and told what to do; one that is there is opened without a write', () => {
    using folder = openLogFolder()
    folder.database.exec('PRAGMA query_only = ON')
    openRecorder(options(folder))
    folder.database.exec('PRAGMA query_only = OFF; UPDATE flight_head SET version = 5')
    expect(errorOf(() => openRecorder(options(folder))).message).toMatch(/found 5: use a newer/)
    folder.database.exec('UPDATE flight_head SET version = 1')
    expect(errorOf(() => openRecorder(options(folder))).message).toMatch(
      /found 1: it is older than the first release .* rename/,
    )
    expect(codeOf(() => folder.verify())).toBe('HSK-409-LOG-VERSION')
  })

  test('a log whose head was taken away is appended to no more', () => {
    using folder = openLogFolder()
    folder.recorder.record(draftOf('diagnostic'))
    folder.database.exec('DELETE FROM flight_head')
    expect(codeOf(() => openRecorder(options(folder)))).toBe('HSK-409-LOG-DIVERGED')
    expect(folder.verify().verdict).toBe('broken')
  })

  test('rows cannot be changed or removed by mistake', () => {
    using folder = openLogFolder()
    folder.recorder.record(draftOf('diagnostic'))
    expect(() => folder.database.exec("UPDATE flight_event SET event = ''")).toThrow('append-only')
    expect(() => folder.database.exec('DELETE FROM flight_event')).toThrow('append-only')
  })
})

function failOn(database: LogFolder['database'], command: string) {
  return (sql: string) => {
    if (sql.startsWith(command)) throw new Error(`${command} failed`)
    database.exec(sql)
  }
}

function failingInsert(database: LogFolder['database']) {
  return (sql: string) => {
    const statement = database.prepare(sql)
    if (!sql.startsWith('INSERT INTO flight_event')) return statement
    const full = () => {
      throw new Error('database or disk is full')
    }
    return { run: full, get: full, all: full, iterate: full, setReturnArrays: full }
  }
}
