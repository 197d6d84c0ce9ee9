// Run by receipt-race.test.ts in worker threads: opens its own connections, waits for the others, then spends the receipt.
import { parentPort, workerData } from 'node:worker_threads'

import { checkCloudCall } from '../index.ts'
import { cloudCall, isHuman } from './consent.ts'
import { openDatabase } from './database.ts'

const { path, barrier, racers, connections, bundle } = workerData
const gate = new Int32Array(barrier)
const databases = Array.from({ length: connections }, () => openDatabase(path))

// All racers start together: the last to arrive wakes the others.
if (Atomics.add(gate, 0, 1) + 1 === racers) {
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
} else {
  Atomics.wait(gate, 1, 0)
}
parentPort?.postMessage(databases.map((database) => checkCloudCall(cloudCall(bundle), { database, isHuman })))
for (const database of databases) database.close()
