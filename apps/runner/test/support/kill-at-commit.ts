// Preloaded into a command: kills its process with SIGKILL right before or after the n-th commit, n being CTXLOCK_TEST_KILL_AT.
import { DatabaseSync } from 'node:sqlite'

const exec = DatabaseSync.prototype.exec
const isBefore = process.env['CTXLOCK_TEST_KILL_WHEN'] === 'before'
let left = Number(process.env['CTXLOCK_TEST_KILL_AT'])
DatabaseSync.prototype.exec = function (sql) {
  if (sql !== 'COMMIT') return exec.call(this, sql)
  left -= 1
  if (left === 0 && isBefore) process.kill(process.pid, 'SIGKILL')
  exec.call(this, sql)
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}
