// Preloaded into a command: tells its parent on descriptor 3 that its work begins, and of every commit, and kills its own process
// with SIGKILL right before or after the n-th commit, n being CTXLOCK_TEST_KILL_AT.
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const PARENT = 3
const exec = DatabaseSync.prototype.exec
const isBefore = process.env['CTXLOCK_TEST_KILL_WHEN'] === 'before'
let left = Number(process.env['CTXLOCK_TEST_KILL_AT'])
let hasBegun = false

DatabaseSync.prototype.exec = function (sql) {
  if (!hasBegun) writeSync(PARENT, 'b')
  hasBegun = true
  if (sql !== 'COMMIT') return exec.call(this, sql)
  left -= 1
  if (left === 0 && isBefore) process.kill(process.pid, 'SIGKILL')
  exec.call(this, sql)
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  writeSync(PARENT, 'c')
}
