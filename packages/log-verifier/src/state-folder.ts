import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { readSealedTexts } from './sealed-texts.ts'
import { readRecord } from './stored-record.ts'
import type { StoredRecord } from './stored-record.ts'

/** The state folder of a workspace: its database, opened for reading, and the checkpoint its file anchor keeps. Throws for a folder that is none. */
export function openStateFolder(folder: string): { readonly record: StoredRecord; readonly kept: string | undefined } {
  const checkpoint = join(folder, 'log', 'checkpoint')
  // Before the log: a run that goes on meanwhile must not look like one that lost its end.
  const kept = existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8') : undefined
  const path = join(folder, 'state.db')
  if (!existsSync(path)) throw new Error(`Expected a state folder such as .ctxlock, got ${folder}: it has no state.db.`)
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    database.exec('BEGIN')
    return { record: readRecord(database, readSealedTexts(segmentsIn(join(folder, 'log', 'segment')))), kept }
  } finally {
    database.close()
  }
}

function segmentsIn(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.tmp')) : []
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
