// Appends runs for as long as it lives and says on stdout what it was promised. Started, and killed, by kill.test.ts.
import { writeSync } from 'node:fs'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { draftOf } from '@ctxlock/contracts/testing'

import { anchorLog, openRecorder } from '../src/index.ts'
import type { Receipt } from '../src/index.ts'
import { SIGNING_KEY, fileAnchor, openDatabase, runDrafts, runEnd, testRedactor } from './log-folder.ts'

const [folder = '.', runs = 'Infinity'] = process.argv.slice(2)
const database = openDatabase(join(folder, 'state.db'))
const recorder = openRecorder({
  database,
  redactor: testRedactor,
  clock: { now: Date.now },
  random: { uuid: randomUUID, bytes: randomBytes },
})

const acknowledge = (receipts: readonly Receipt[]) =>
  writeSync(1, receipts.map(({ seq, event_hash }) => `${seq} ${event_hash}\n`).join(''))

const anchors = new Map([['file', fileAnchor(join(folder, 'checkpoint'))]])
for (let count = 0; count < Number(runs); count += 1) {
  const run = randomUUID()
  const drafts = runDrafts(run, 3)
  for (const draft of drafts.slice(0, 7)) acknowledge([recorder.record(draft)])
  acknowledge(recorder.recordAll(drafts.slice(7)))

  // A step of the host: its own rows and the event, in one transaction.
  database.exec('BEGIN IMMEDIATE')
  const receipt = recorder.record({ ...draftOf('diagnostic'), workflow_run_id: run })
  database.exec('COMMIT')
  acknowledge([receipt, recorder.recordRunEnd(runEnd(run))])
  await anchorLog({ database, signingKey: SIGNING_KEY, anchors })
}
