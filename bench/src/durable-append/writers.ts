// Everything that keeps the same events durably: the recorder, the bare commit it is measured against, and its peers.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { DuckDBInstance } from '@duckdb/node-api'
import { destination, pino } from 'pino'

import { openRecorder } from '../../../packages/flight-recorder/src/index.ts'
import type { EventDraft } from '../../../packages/contracts/src/events.ts'
import { passingRedactor } from '../event-draft.ts'

/** What one round writes: drafts for those who record, and for the others as many events as the recorder stored them before. */
export interface Batch {
  readonly drafts: readonly EventDraft[]
  readonly stored: readonly { readonly text: string; readonly hash: string }[]
}

/** Returns when all of the batch is on disk. */
export interface Writer {
  write(batch: Batch): void
  close(): void
}

export function openDurable(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}

export function recorderWriter(database: DatabaseSync): Writer {
  const random = { uuid: randomUUID, bytes: randomBytes }
  const recorder = openRecorder({ database, redactor: passingRedactor, clock: Date, random })
  return { write: ({ drafts }) => void recorder.recordAll(drafts), close: () => database.close() }
}

/**
 * The same bytes and nothing else: of every event its place, hash and text, as the log keeps them, and the row that says how far it
 * reaches. Without the hash there would be no event left to erase, without that row no end to miss.
 */
export function bareWriter(folder: string): Writer {
  const database = openDurable(join(folder, 'bare.db'))
  database.exec(`
    CREATE TABLE event (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, event TEXT) STRICT;
    CREATE TABLE head (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, last_hash TEXT NOT NULL) STRICT;
    INSERT INTO head VALUES (1, 0, '')`)
  const insert = database.prepare('INSERT INTO event (seq, hash, event) VALUES (?, ?, ?)')
  const update = database.prepare('UPDATE head SET count = ?, last_hash = ? WHERE id = 1')
  let count = 0
  return {
    write({ stored }) {
      database.exec('BEGIN IMMEDIATE')
      for (const { hash, text } of stored) insert.get((count += 1), hash, text)
      update.get(count, stored.at(-1)?.hash ?? '')
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

export function linesWriter(folder: string): Writer {
  const descriptor = openSync(join(folder, 'events.ndjson'), 'a')
  return {
    write({ stored }) {
      writeSync(descriptor, stored.map(({ text }) => `${text}\n`).join(''))
      fdatasyncSync(descriptor)
    },
    close: () => closeSync(descriptor),
  }
}

/** Its log of one line an event, written at once and synced once a batch. */
export function pinoWriter(folder: string): Writer {
  const descriptor = openSync(join(folder, 'pino.ndjson'), 'a')
  const log = pino(destination({ dest: descriptor, sync: true }))
  return {
    write({ drafts }) {
      for (const draft of drafts) log.info(draft)
      fdatasyncSync(descriptor)
    },
    close: () => closeSync(descriptor),
  }
}

export async function duckWriter(folder: string): Promise<Writer> {
  const instance = await DuckDBInstance.create(join(folder, 'events.duckdb'))
  const connection = await instance.connect()
  await connection.run('CREATE TABLE event (event VARCHAR)')
  const appender = await connection.createAppender('event')
  return {
    write({ stored }) {
      for (const { text } of stored) {
        appender.appendVarchar(text)
        appender.endRow()
      }
      appender.flushSync()
    },
    close() {
      appender.closeSync()
      connection.closeSync()
      instance.closeSync()
    },
  }
}
