// Run by token-budget-race.test.ts in worker threads: opens its own connections, waits for the others, then reserves at once.
import { parentPort, workerData } from 'node:worker_threads'

import { reserveTokens } from '../index.ts'
import { openDatabase } from './database.ts'

const { path, barrier, racers, connections, racer, tokens, now } = workerData
const gate = new Int32Array(barrier)
const databases = Array.from({ length: connections }, () => openDatabase(path))

// All racers start together: the last to arrive wakes the others.
if (Atomics.add(gate, 0, 1) + 1 === racers) {
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
} else {
  Atomics.wait(gate, 1, 0)
}
parentPort?.postMessage(
  databases.map((database, connection) =>
    reserveTokens(database, { budget_id: 'job-1', call_id: `${racer}-${connection}`, run_id: `run-${racer}`, tokens, now }),
  ),
)
for (const database of databases) database.close()
