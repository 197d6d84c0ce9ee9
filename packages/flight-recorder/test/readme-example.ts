import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { anchorLog, openRecorder, queryEvents, verifyLog } from '@ctxlock/flight-recorder'

const folder = mkdtempSync('log-')
const database = new DatabaseSync(`${folder}/state.db`) // synchronous is FULL unless it is changed
const clock = { now: Date.now }
const redactor = { version: '1', detect: () => [], redact: (text: string) => ({ text, findings: [] }) } // bring your own
const head = `${folder}/head.json`
const headSink = {
  read: () => (existsSync(head) ? readFileSync(head, 'utf8') : undefined),
  write: (text: string) => writeFileSync(head, text, { flush: true }), // a real one renames
}
const recorder = openRecorder({ database, redactor, clock, random: { uuid: randomUUID } })

const place = { actor: 'system', workflow_run_id: 'run-1', trace_id: randomUUID() } as const
const [nothing, profile_id] = ['0'.repeat(64), 'default']
const versions = { package_versions: [], unicode_version: process.versions.unicode ?? '', registry_hash: nothing }
const header = { ...versions, profile_id, profile_hash: nothing }
recorder.record({ ...place, fr_event_id: 'FR-EVT-X-RUN-001', type: 'run_header', payload: header }) // durable from here on
const end = { outcome: 'completed', exit_code: 0 } as const
recorder.recordRunEnd({ ...place, fr_event_id: 'FR-EVT-X-RUN-002', type: 'run_end', payload: end })
anchorLog({ database, clock, headSink })
console.log(queryEvents(database, { workflowRunId: 'run-1' }, { limit: 100 }).events.map(({ type }) => type))
console.log(verifyLog({ database, headSink }).verdict)

database.exec('DROP TRIGGER flight_event_stays; DELETE FROM flight_event WHERE seq = 2') // somebody removes the end
console.log(verifyLog({ database, headSink }).ranges)
rmSync(folder, { recursive: true })
