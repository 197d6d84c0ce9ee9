import { CallRecord } from '@ctxlock/contracts/call'
import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'
import { parseCanonical } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { refuseErasedCall } from './erased.ts'
import { likePrefix } from './like-prefix.ts'

/** Finds the record of a call by its id, a unique beginning of it, or `last`. */
export interface CallIndex {
  /** `recordHash` names the stored record. */
  add(callId: string, recordHash: string): void
  find(name: string): CallRecord
  /** The hash of the record of each call, by the call's id. */
  recordHashes(): ReadonlyMap<string, string>
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_call (
  position INTEGER PRIMARY KEY, call_id TEXT NOT NULL UNIQUE, record_hash TEXT NOT NULL
) STRICT`

export function openCallIndex(database: SqlDatabase, artifacts: ArtifactStore): CallIndex {
  database.exec(TABLE)
  return {
    add(callId, recordHash) {
      database.prepare('INSERT INTO runner_call (call_id, record_hash) VALUES (?, ?)').run(callId, recordHash)
    },
    find(name) {
      const rows =
        name === 'last'
          ? database.prepare('SELECT call_id, record_hash FROM runner_call ORDER BY position DESC LIMIT 1').all()
          : database
              .prepare("SELECT call_id, record_hash FROM runner_call WHERE call_id LIKE ? || '%' ESCAPE '\\' LIMIT 2")
              .all(likePrefix(name))
      const [row] = rows
      if (!row) refuseErasedCall(database, name)
      if (!row || rows.length > 1 || typeof row['record_hash'] !== 'string') throw notFound(name, rows.length)
      const record = CallRecord.parse(parseCanonical(artifacts.get(row['record_hash'])))
      if (record.call_id !== row['call_id']) throw foreignRecord(name)
      return record
    },
    recordHashes() {
      const rows = database.prepare('SELECT call_id, record_hash FROM runner_call').all()
      return new Map(rows.map(({ call_id, record_hash }) => [String(call_id), String(record_hash)]))
    },
  }
}

function foreignRecord(name: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'RECORD_INVALID',
    message: `the index names another call's record for ${name}`,
    hint: 'Run `ctxlock verify`.',
  })
}

function notFound(name: string, matches: number): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: matches > 1 ? 'CALL_AMBIGUOUS' : 'CALL_UNKNOWN',
    message:
      matches > 1
        ? `more than one call begins with ${name}`
        : `no call ${name === 'last' ? '' : `${name} `}is recorded here`,
    hint: 'Give the call id that `ctxlock ask` printed, or `last`.',
  })
}
