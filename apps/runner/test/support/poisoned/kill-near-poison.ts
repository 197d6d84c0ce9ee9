// Preloaded into a command: kills its process with SIGKILL right before the commit that makes a poisoning durable, or after that many
// commits more, by CTXLOCK_TEST_KILL_AFTER: -1 for before, 0 for right after it.
import { DatabaseSync } from 'node:sqlite'

const exec = DatabaseSync.prototype.exec
const killAfter = Number(process.env['CTXLOCK_TEST_KILL_AFTER'])
let commits = -1

DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'COMMIT' && commits < 0 && isPoisoned(this)) commits = 0
  else if (sql === 'COMMIT' && commits >= 0) commits += 1
  if (killAfter < 0 && commits === 0) process.kill(process.pid, 'SIGKILL')
  exec.call(this, sql)
  if (killAfter >= 0 && commits === killAfter) process.kill(process.pid, 'SIGKILL')
}

function isPoisoned(database: DatabaseSync): boolean {
  if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ace_jobs'").get()) return false
  return database.prepare("SELECT 1 FROM ace_jobs WHERE state = 'poisoned'").get() !== undefined
}
