import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { textHash, type Hash } from '@ctxlock/core-hash'

import { STATE_DATABASE, STATE_FOLDER } from '../workspace/state-place.ts'

/** One row over all packs; what it asks of an object stands in an index, so that no object is read. */
const PACKS = `
  SELECT
    group_concat(concat_ws(' ', source_id, version, reuse_key, pack_id, payload_hash, token_counter, tokens), char(10)) AS packs,
    sum(NOT EXISTS (SELECT 1 FROM artifact_object WHERE content_hash = payload_hash)) AS missing
  FROM context_pack`
const PAYLOAD_IN_FILE = `
  SELECT 1 FROM context_pack JOIN artifact_object ON content_hash = payload_hash
  WHERE bytes IS NULL AND size_bytes > 0 LIMIT 1`

/**
 * One hash over every pack that a state has: by it a lock knows that the packs it would take are still there. Undefined when one
 * of them misses its payload, or when there is none.
 */
export function storedPacks(database: SqlDatabase): Hash | undefined {
  const { packs, missing } = database.prepare(PACKS).get() ?? {}
  return typeof packs === 'string' && missing === 0 ? textHash(packs) : undefined
}

/** Whether every payload lies in the database itself: files beside it are not looked for by `storedPacks`. */
export function areInDatabase(database: SqlDatabase): boolean {
  return database.prepare(PAYLOAD_IN_FILE).get() === undefined
}

/** The same of the state of a workspace, which is only read. Throws when it cannot be. */
export function storedPacksOf(root: string): Hash | undefined {
  const database = new DatabaseSync(join(root, STATE_FOLDER, STATE_DATABASE), { readOnly: true })
  try {
    return storedPacks(database)
  } finally {
    database.close()
  }
}
