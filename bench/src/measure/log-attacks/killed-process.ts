// Begins a run, says so and waits to be killed.
import { randomBytes, randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'

import { openRecorder } from '../../../../packages/flight-recorder/src/index.ts'
import { openDatabase, runDrafts, testRedactor } from '../../../../packages/flight-recorder/test/log-folder.ts'

const database = openDatabase(process.argv[2] ?? '')
const random = { uuid: randomUUID, bytes: randomBytes }
openRecorder({ database, redactor: testRedactor, clock: Date, random }).recordAll(runDrafts('killed'))
writeSync(1, 'recorded\n')
process.stdin.resume()
