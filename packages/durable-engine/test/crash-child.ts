// Runs one workflow to its end, over as many lives as the parent grants. Started by crash.test.ts.
import { appendFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import { openEngine } from '../src/index.ts'

const [databasePath = '', logPath = '', steps = '0'] = process.argv.slice(2)
const database = new DatabaseSync(databasePath)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
database.exec('CREATE TABLE IF NOT EXISTS event (key TEXT NOT NULL, result INTEGER NOT NULL)')
const engine = openEngine({ database, clock: { now: () => Date.now() } })
engine.startRun('run', 'chain', '1.0', { steps: Number(steps) })
let sum = 0
for (let index = 0; index < Number(steps); index += 1) {
  const key = `step-${index}`
  const result = await engine.step(
    'run',
    key,
    { sum },
    async () => {
      appendFileSync(logPath, `begin ${key}\n`)
      process.stdout.write(`begin ${key}\n`)
      return sum + index
    },
    (to, value) => {
      process.stdout.write(`commit ${key}\n`)
      to.prepare('INSERT INTO event (key, result) VALUES (?, ?)').run(key, Number(value))
    },
  )
  appendFileSync(logPath, `end ${key}\n`)
  process.stdout.write(`end ${key}\n`)
  sum = Number(result)
}
engine.finishRun('run', { state: 'completed', result: sum })
database.close()
