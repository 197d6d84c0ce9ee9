// Preloaded into a command: kills its process with SIGKILL just before the n-th rename, n being CTXLOCK_TEST_KILL_AT.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const rename = fs.renameSync
let left = Number(process.env['CTXLOCK_TEST_KILL_AT'])
fs.renameSync = (from, to) => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  rename(from, to)
}
syncBuiltinESMExports()
