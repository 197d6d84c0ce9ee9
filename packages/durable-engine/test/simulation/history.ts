// What was committed, in which order, kept by triggers of the database and not by the engine.
import type { DatabaseSync } from 'node:sqlite'

import { preparedOnce } from '../support/mortal-database.ts'

const TABLES = `
  CREATE TABLE fence (run_id TEXT PRIMARY KEY);
  CREATE TABLE event (run_id TEXT NOT NULL, key TEXT NOT NULL, process TEXT NOT NULL);
  CREATE TABLE ending (run_id TEXT NOT NULL, state TEXT NOT NULL);
  CREATE TABLE history (seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, what TEXT NOT NULL, detail TEXT);
  CREATE TRIGGER poisoned AFTER INSERT ON fence
    BEGIN INSERT INTO history (run_id, what) VALUES (new.run_id, 'poisoned'); END;
  CREATE TRIGGER recorded AFTER INSERT ON event
    BEGIN INSERT INTO history (run_id, what, detail) VALUES (new.run_id, 'event', new.process); END;
  CREATE TRIGGER ending_told AFTER INSERT ON ending
    BEGIN INSERT INTO history (run_id, what, detail) VALUES (new.run_id, 'ending', new.state); END;
  CREATE TRIGGER run_started AFTER INSERT ON engine_run
    BEGIN INSERT INTO history (run_id, what, detail) VALUES (new.run_id, new.state, new.owner); END;
  CREATE TRIGGER run_moved AFTER UPDATE OF state, owner ON engine_run
    WHEN old.state IS NOT new.state OR old.owner IS NOT new.owner
    BEGIN INSERT INTO history (run_id, what, detail) VALUES (new.run_id, new.state, new.owner); END;
  CREATE TRIGGER entry_changed BEFORE UPDATE ON engine_journal
    BEGIN INSERT INTO history (run_id, what, detail) VALUES (new.run_id, 'rewritten', new.kind || ' ' || new.key); END;
`

/** Call it once the engine has made its tables. */
export function createHistory(database: DatabaseSync): void {
  database.exec(TABLES)
}

export function clearHistory(database: DatabaseSync): void {
  for (const table of ['engine_run', 'engine_journal', 'fence', 'event', 'ending', 'history'])
    database.exec(`DELETE FROM ${table}`)
}

const ENDS = new Set(['completed', 'failed', 'cancelled'])
const NEXT: Readonly<Record<string, readonly string[]>> = {
  '': ['pending', 'running'],
  pending: ['running', 'cancelled'],
  running: ['pending', 'waiting', 'completed', 'failed', 'cancelled'],
  waiting: ['pending', 'cancelled'],
  completed: [],
  failed: ['pending', 'cancelled'],
  cancelled: [],
}

/** A process writes no more, or is held for dead. */
export function recordGone(database: DatabaseSync, process: string): void {
  preparedOnce(database, `INSERT INTO history (run_id, what, detail) VALUES ('', 'gone', ?)`).run(process)
}

/** What the committed history of one run shows that must not be; `resumes` is how often it was resumed. */
export function judgeHistory(database: DatabaseSync, runId: string, resumes: number): readonly string[] {
  const found: string[] = []
  const gone = new Set<string>()
  let [state, owner, isPoisoned, ends, endings, reopened] = ['', '', false, 0, 0, 0]
  const rows = preparedOnce(database, 'SELECT what, detail FROM history WHERE run_id IN (?, ?) ORDER BY seq').all(
    runId,
    '',
  )
  for (const row of rows) {
    const [what, detail] = [String(row['what']), String(row['detail'] ?? '')]
    if (what === 'gone') gone.add(detail)
    else if (what === 'poisoned') isPoisoned = true
    else if (what === 'rewritten') found.push(`the journal entry ${detail} was rewritten`)
    else if (what === 'ending') {
      endings += 1
      if (detail !== state) found.push(`\`ended\` told of ${detail} when the run was ${state}`)
    } else if (what === 'event') {
      if (isPoisoned) found.push('an event was written after the fence moved')
      if (state !== 'running') found.push(`an event was written while the run was ${state}`)
      if (detail !== owner) found.push(`${detail} wrote an event of a run that ${owner} works on`)
    } else {
      if (what !== state && NEXT[state]?.includes(what) !== true) found.push(`the run went from ${state} to ${what}`)
      if (what === state && what === 'running') found.push(`${detail} took the run from ${owner}, which works on it`)
      if (what === 'pending' && state === 'running' && !gone.has(owner)) found.push(`the run was taken from ${owner}`)
      if (state === 'failed' && what === 'pending') reopened += 1
      if (what === 'completed' && isPoisoned) found.push('the run was completed after the fence moved')
      if (ENDS.has(what)) ends += 1
      ;[state, owner] = [what, detail]
    }
  }
  if (ends !== endings) found.push(`\`ended\` was written ${endings} times for ${ends} ends`)
  if (reopened > resumes) found.push('a failed run went on although nobody resumed it')
  const keys = (sql: string) => JSON.stringify(preparedOnce(database, sql).all(runId))
  const steps = keys(`SELECT key FROM engine_journal WHERE run_id = ? AND kind = 'step' ORDER BY key`)
  if (steps !== keys('SELECT key FROM event WHERE run_id = ? ORDER BY key'))
    found.push('steps and their events are not the same')
  return found
}
