// How fast a long log is verified, and how fast the events of one run are found in it.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

import {
  checkpointLog,
  logPublicKey,
  openRecorder,
  queryEvents,
  verifyLog,
} from '../../../packages/flight-recorder/src/index.ts'
import { passingRedactor, settledCallDrafts } from '../event-draft.ts'
import { median, rounded } from '../interleaved.ts'

const RUN_EVENTS = 200

export interface ReadingRates {
  readonly events: number
  readonly signed_events_per_second: number
  /** Without a key: every event is checked against its schema too. */
  readonly unsigned_events_per_second: number
  /** Milliseconds for the 200 events of one run. */
  readonly run_query_ms: number
}

export function readingRates(events: number): ReadingRates {
  const database = new DatabaseSync(':memory:')
  const random = { uuid: randomUUID, bytes: randomBytes }
  const recorder = openRecorder({ database, redactor: passingRedactor, clock: Date, random })
  const runs = Array.from({ length: events / RUN_EVENTS }, () => randomUUID())
  for (const run of runs) {
    const calls = Array.from({ length: RUN_EVENTS / 2 }, settledCallDrafts)
    recorder.recordAll(calls.flat().map((draft) => ({ ...draft, workflow_run_id: run, job_id: run })))
  }
  queryEvents(database, {}, { limit: 1 })

  const { privateKey } = generateKeyPairSync('ed25519')
  const { note } = checkpointLog({ database, signingKey: privateKey })
  const publicKey = logPublicKey({ database, key: privateKey })
  const kept = [{ anchor: 'memory', state: 'kept', note }] as const
  const rate = (verify: () => { readonly verdict: string }) => {
    const start = performance.now()
    const { verdict } = verify()
    if (verdict === 'broken') throw new Error('Expected a whole log.')
    return Math.round((events * 1000) / (performance.now() - start))
  }
  const best = (verify: () => { readonly verdict: string }) => Math.max(...[0, 1, 2].map(() => rate(verify)))

  const queries = runs.slice(0, 50).map((jobId) => {
    const start = performance.now()
    const page = queryEvents(database, { jobId }, { limit: 1000 })
    if (page.events.length !== RUN_EVENTS)
      throw new Error(`Expected ${RUN_EVENTS} events, found ${page.events.length}.`)
    return performance.now() - start
  })
  const rates = {
    events,
    signed_events_per_second: best(() => verifyLog({ database, publicKey, kept })),
    unsigned_events_per_second: best(() => verifyLog({ database })),
    run_query_ms: rounded(median(queries)),
  }
  database.close()
  return rates
}
