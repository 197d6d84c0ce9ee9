import { hash } from 'node:crypto'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface BareIteration {
  /** Reads and hashes the files three times: when packs are checked, when they are checked again, and by the guards. */
  readAndHash(): void
  /** That, and all that an iteration has on disk before it goes on. */
  iterate(): void
  close(): void
}

/** As much as the intent, the settlement, and the record of an iteration write; what comes between reaches the disk with them. */
const COMMITS = [24_000, 6000, 6000].map((size) => 'x'.repeat(size))
const LEDGER_LINES = 'l'.repeat(800)
const PROGRESS = 'p'.repeat(20_000)

/** The limit: bare SQLite and files, without anything else. */
export function openBareIteration(files: readonly string[]): BareIteration {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  const database = new DatabaseSync(join(folder, 'limit.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE event (text TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO event VALUES (?)')

  function readAndHash(): void {
    for (let check = 0; check < 3; check += 1) for (const path of files) hash('sha256', readFileSync(path))
  }

  function writeSynced(path: string, flags: string, text: string): void {
    const descriptor = openSync(path, flags)
    writeSync(descriptor, text)
    fsyncSync(descriptor)
    closeSync(descriptor)
  }

  return {
    readAndHash,
    iterate() {
      readAndHash()
      for (const text of COMMITS) {
        database.exec('BEGIN IMMEDIATE')
        insert.run(text)
        database.exec('COMMIT')
      }
      // The ledger says that a call began and what came of it; the progress artifact is replaced as a whole (MT-044).
      writeSynced(join(folder, 'ledger'), 'a', LEDGER_LINES)
      writeSynced(join(folder, 'progress.tmp'), 'w', PROGRESS)
      renameSync(join(folder, 'progress.tmp'), join(folder, 'progress'))
    },
    close() {
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
