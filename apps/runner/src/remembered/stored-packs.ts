import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/core-hash'

import { hasState, STATE_DATABASE, STATE_FOLDER } from '../workspace/state-place.ts'

/** UTF-16 units that are hashed at a time: 100,000 packs are 25 MB. */
const PIECE = 65_536
/** What it asks of an object stands in an index, so that no object is read. */
const PACKS = `
  SELECT
    concat_ws(' ', source_id, version, reuse_key, pack_id, payload_hash, token_counter, tokens) AS pack,
    EXISTS (SELECT 1 FROM artifact_object WHERE content_hash = payload_hash) AS stored
  FROM context_pack ORDER BY rowid`
const PAYLOAD_IN_FILE = `
  SELECT 1 FROM context_pack JOIN artifact_object ON content_hash = payload_hash
  WHERE bytes IS NULL AND size_bytes > 0 LIMIT 1`

/**
 * One hash over every pack that a state has: by it a lock knows that the packs it would take are still there. Undefined when one
 * of them misses its payload, or when there is none.
 */
export function storedPacks(database: SqlDatabase): Hash | undefined {
  const digest = createHash('sha256')
  let waiting = ''
  let isEmpty = true
  for (const { pack, stored } of database.prepare(PACKS).iterate()) {
    if (stored !== 1) return undefined
    isEmpty = false
    waiting += `${String(pack)}\n`
    if (waiting.length < PIECE) continue
    digest.update(waiting)
    waiting = ''
  }
  return isEmpty ? undefined : digest.update(waiting).digest('hex')
}

/** Whether every payload lies in the database itself: files beside it are not looked for by `storedPacks`. */
export function areInDatabase(database: SqlDatabase): boolean {
  return database.prepare(PAYLOAD_IN_FILE).get() === undefined
}

/** The same of the state of a workspace, which is only read. Throws when it cannot be. */
export function storedPacksOf(root: string): Hash | undefined {
  // What is no file might never give an answer.
  if (!hasState(root)) return undefined
  const database = new DatabaseSync(join(root, STATE_FOLDER, STATE_DATABASE), { readOnly: true })
  try {
    return storedPacks(database)
  } finally {
    database.close()
  }
}
