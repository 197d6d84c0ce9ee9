import { cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { CONFIG_FILE } from '../../workspace/committed-files.ts'
import { STATE_DATABASE, STATE_FOLDER } from '../../workspace/state-place.ts'
import type { TrialCopy } from './trial-copy.ts'

/** What somebody who can write the state could do to the log: `cut` removes an event and all after it. */
export interface Alteration {
  readonly kind: 'edit' | 'delete' | 'cut'
  /** Counted from 1. */
  readonly event: number
}

const STATEMENTS: Readonly<Record<Alteration['kind'], string>> = {
  edit: `UPDATE flight_event SET event = replace(event, '"timestamp":"2', '"timestamp":"1') WHERE seq = ?`,
  delete: 'DELETE FROM flight_event WHERE seq = ?',
  cut: 'DELETE FROM flight_event WHERE seq >= ?',
}

/** The record of a copy, copied once more and altered there, as somebody with SQLite would do it. */
export function alteredRecord(copy: TrialCopy, scratch: string, { kind, event }: Alteration): TrialCopy {
  const root = mkdtempSync(join(scratch, 'altered-'))
  mkdirSync(join(root, STATE_FOLDER))
  for (const name of [CONFIG_FILE, STATE_FOLDER]) cpSync(join(copy.root, name), join(root, name), { recursive: true })
  const database = new DatabaseSync(join(root, STATE_FOLDER, STATE_DATABASE))
  try {
    // They stop mistakes of our own, nobody else.
    database.exec('DROP TRIGGER flight_event_keeps; DROP TRIGGER flight_event_stays')
    database.prepare(STATEMENTS[kind]).run(event)
  } finally {
    database.close()
  }
  return { ...copy, root }
}
