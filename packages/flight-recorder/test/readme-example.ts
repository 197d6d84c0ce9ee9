import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { AnchorSink } from '@ctxlock/contracts/plugin'
import {
  anchorLog,
  checkProof,
  logPublicKey,
  openRecorder,
  proveEvent,
  readAnchors,
  verifyLog,
} from '@ctxlock/flight-recorder'

const folder = mkdtempSync('log-')
const database = new DatabaseSync(`${folder}/state.db`) // synchronous is FULL unless it is changed
const { privateKey: signingKey } = generateKeyPairSync('ed25519') // keep it where nobody who writes the log reads it
const redactor = { version: '1', detect: () => [], redact: (text: string) => ({ text, findings: [] }) } // bring your own
const kept = `${folder}/checkpoint`
const file: AnchorSink = {
  latest: async () => (existsSync(kept) ? readFileSync(kept, 'utf8') : undefined),
  anchor: async ({ note }) => writeFileSync(kept, note, { flush: true }), // a real one renames
  close: async () => {},
}
const anchors = new Map([['file', file]])
const random = { uuid: randomUUID, bytes: randomBytes }
const recorder = openRecorder({ database, redactor, clock: Date, random })
const publicKey = logPublicKey({ database, key: signingKey })

const place = { actor: 'system', workflow_run_id: 'run-1', trace_id: randomUUID() } as const
const [nothing, profile_id] = ['0'.repeat(64), 'default']
const versions = { package_versions: [], unicode_version: process.versions.unicode ?? '', registry_hash: nothing }
const header = { ...versions, profile_id, profile_hash: nothing }
recorder.record({ ...place, fr_event_id: 'FR-EVT-X-RUN-001', type: 'run_header', payload: header }) // durable from here on
const end = { outcome: 'completed', exit_code: 0 } as const
recorder.recordRunEnd({ ...place, fr_event_id: 'FR-EVT-X-RUN-002', type: 'run_end', payload: end })
await anchorLog({ database, signingKey, anchors })
console.log(verifyLog({ database, publicKey, kept: await readAnchors(anchors) }).verdict)

const proof = proveEvent({ database, seq: 2, publicKey }) // a text file for somebody who has nothing but the public key
const checked = checkProof(proof, publicKey)
console.log(checked.ok ? `${checked.event.type} is event 2 of ${checked.checkpoint.size}` : checked.problem)

database.exec('DROP TRIGGER flight_event_stays; DELETE FROM flight_event WHERE seq = 2') // somebody removes the end
console.log(verifyLog({ database, publicKey, kept: await readAnchors(anchors) }).ranges)
rmSync(folder, { recursive: true })
