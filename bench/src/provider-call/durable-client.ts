import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Client } from './clients.ts'

/** As much as an intent and as the settlement of a call write. */
const INTENT = 'i'.repeat(24_000)
const SETTLEMENT = 's'.repeat(6000)

/**
 * The limit of a call that is on record: `inner` asks between two commits that wait for the disk, one before any byte leaves
 * and one before the answer counts. Bare SQLite without anything else.
 */
export function durableClient(inner: Client): Client {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  const database = new DatabaseSync(join(folder, 'limit.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE event (text TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO event VALUES (?)')
  const commit = (text: string) => {
    database.exec('BEGIN IMMEDIATE')
    insert.run(text)
    database.exec('COMMIT')
  }
  return {
    async ask(prompt) {
      commit(INTENT)
      const answer = await inner.ask(prompt)
      commit(SETTLEMENT)
      return answer
    },
    async stream(prompt, onFirst) {
      commit(INTENT)
      await inner.stream(prompt, onFirst)
      commit(SETTLEMENT)
    },
    async close() {
      await inner.close()
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
