// Plays several runs, and kills itself at the boundary it is told. Started by killed-lives.ts, over as many lives as it takes.
import { appendFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import type { Activity, WorkflowDefinition } from '@ctxlock/contracts/engine'

import { openEngine } from '../../src/index.ts'
import { realTime } from './real-time.ts'

const [databasePath = '', logPath = '', runCount = '1', deadline = ''] = process.argv.slice(2)
const runIds = Array.from({ length: Number(runCount) }, (_, index) => `run-${index}`)

/** Recorded outside of the database, so that it shows what was done and not what was kept. */
function pass(boundary: string): void {
  appendFileSync(logPath, `${boundary}\n`)
  if (boundary === deadline) process.kill(process.pid, 'SIGKILL')
}

pass('open')
const database = new DatabaseSync(databasePath)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
database.exec('CREATE TABLE IF NOT EXISTS event (step TEXT NOT NULL)')
const add: Activity = {
  async run(input, { idempotencyKey, attempt }) {
    pass(`begin ${idempotencyKey}`)
    // The last step needs two attempts, over a backoff in which its run is parked.
    if (idempotencyKey.endsWith('/last') && attempt === 1) throw new Error('no network')
    return Number(input) + 1
  },
  commit(to, _, { idempotencyKey }) {
    to.prepare('INSERT INTO event (step) VALUES (?)').run(idempotencyKey)
    pass(`commit ${idempotencyKey}`)
  },
}
const chain: WorkflowDefinition = {
  name: 'chain',
  version: '1',
  activities: { add },
  async run(context, input) {
    const { runId } = context
    const step = async (key: string, value: number) => {
      const options = { key, retry: { maxAttempts: 2, initialMs: 1 } }
      const result = Number(await context.step('add', value, options))
      pass(`end ${runId}/${key}`)
      return result
    }
    let sum = await step('first', Number(input))
    const decision = await context.waitForSignal('decision')
    pass(`decided ${runId}`)
    if (decision.kind !== 'signal' || decision.payload !== 'go') throw new Error('Expected the one decision.')
    sum = await step('second', sum)
    await context.sleep('nap', 1)
    pass(`slept ${runId}`)
    return await step('last', sum)
  },
  ended: (_, { runId }) => pass(`ended ${runId}`),
}

const engine = openEngine({ database, environment: realTime, lookEveryMs: 20 })
engine.register(chain)
pass('opened')
await engine.serve()
pass('serving')
await Promise.all(runIds.map((runId, index) => engine.start('chain', index, { runId })))
pass('started')
await Promise.all(runIds.map((runId) => engine.signal(runId, 'decision', 'go', { idempotencyKey: 'person' })))
pass('signalled')
await Promise.all(runIds.map((runId) => engine.ended(runId)))
await engine.close()
database.close()
