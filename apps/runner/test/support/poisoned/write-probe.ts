import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'

/**
 * Sees every write that runs of this process make once a job of theirs is poisoned: rows by triggers of the database, so that what was
 * rolled back is none, and files by the functions that write them.
 */
export interface WriteProbe {
  /** Does the work of one run; what it writes, and what it opens, is its own. */
  readonly as: <Result>(run: string, work: () => Result) => Result
  /** Asked before a file is written. */
  isPoisoned: (run: string) => boolean
  /** Called after each commit of a run. */
  onCommit: (run: string) => void
  /** The files that a run wrote after its job was poisoned; each is given once. */
  takeFiles(): string[]
  /** Puts the functions of this process back as they were. */
  remove(): void
}

/** Functions of `node:fs` that put something there, and which of their arguments says where. */
const WRITERS = {
  appendFileSync: 0,
  copyFileSync: 1,
  linkSync: 1,
  mkdirSync: 0,
  openSync: 0,
  renameSync: 1,
  symlinkSync: 1,
  writeFileSync: 0,
} as const

/** Triggers on every table of a database, which has to know all of them already. */
export function watchTables(database: DatabaseSync): void {
  const tables = database
    .prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .all()
    .map(({ name }) => String(name))
  database.exec(`
    CREATE TABLE probe_job (run TEXT NOT NULL, job_id TEXT NOT NULL);
    CREATE TABLE probe_write (run TEXT NOT NULL, what TEXT NOT NULL);
    CREATE TRIGGER probe_jobs AFTER INSERT ON ace_jobs WHEN probe_run() <> ''
      BEGIN INSERT INTO probe_job VALUES (probe_run(), NEW.job_id); END;
  `)
  for (const name of tables) {
    for (const [verb, row] of [
      ['INSERT', 'NEW'],
      ['UPDATE', 'NEW'],
      ['DELETE', 'OLD'],
    ] as const) {
      const about = name === 'flight_event' ? `json_extract(${row}.event, '$.type')` : `'${verb}'`
      const detail = name === 'ace_jobs' ? `${about} || ' ' || ${row}.state` : about
      database.exec(`CREATE TRIGGER "probe_${name}_${verb}" AFTER ${verb} ON "${name}" WHEN ${IS_POISONED}
        BEGIN INSERT INTO probe_write VALUES (probe_run(), '${name} ' || ${detail}); END`)
    }
  }
}

const IS_POISONED = `EXISTS (SELECT 1 FROM probe_job JOIN ace_jobs USING (job_id)
  WHERE probe_job.run = probe_run() AND ace_jobs.state = 'poisoned')`

export function installProbe(): WriteProbe {
  const current = new AsyncLocalStorage<string>()
  const owners = new WeakMap<DatabaseSync, string>()
  const files: string[] = []
  const exec = DatabaseSync.prototype.exec
  DatabaseSync.prototype.exec = function (sql) {
    // Every connection begins with its pragmas.
    if (!owners.has(this)) {
      const run = current.getStore() ?? ''
      owners.set(this, run)
      this.function('probe_run', () => run)
    }
    exec.call(this, sql)
    const run = owners.get(this)
    if (sql === 'COMMIT' && run) probe.onCommit(run)
  }
  const restore = Object.entries(WRITERS).map(([name, position]) => {
    const original = Reflect.get(fs, name)
    Reflect.set(fs, name, (...values: readonly unknown[]) => {
      const run = current.getStore()
      const isReading = name === 'openSync' && isReadOnly(values[1])
      if (run && !isReading && probe.isPoisoned(run)) files.push(`${name} ${String(values[position])}`)
      return original(...values)
    })
    return () => Reflect.set(fs, name, original)
  })
  syncBuiltinESMExports()
  const probe: WriteProbe = {
    as: (run, work) => current.run(run, work),
    isPoisoned: () => false,
    onCommit() {},
    takeFiles: () => files.splice(0),
    remove() {
      DatabaseSync.prototype.exec = exec
      for (const one of restore) one()
      syncBuiltinESMExports()
    },
  }
  return probe
}

function isReadOnly(flags: unknown): boolean {
  return flags === 'r' || (typeof flags === 'number' && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) === 0)
}
