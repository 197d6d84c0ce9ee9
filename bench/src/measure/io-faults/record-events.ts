import { randomUUID } from 'node:crypto'

import { openSession } from '../../../../apps/runner/src/session/session.ts'
import { draftOf } from '../../../../packages/contracts/src/testing.ts'

const PAYLOAD = new TextEncoder().encode('What only this machine may hold.\n')

/**
 * Appends a run to the log of a workspace: events alone and at once, checkpoints, a payload for the vault, an object too large for the
 * database. `acknowledge` hears of each event as it becomes durable.
 */
export async function recordEvents(root: string, acknowledge: (line: string) => void): Promise<void> {
  const { recorder, logSigner, vault, artifacts, close } = await openSession({ root, variables: process.env })
  try {
    const run = { workflow_run_id: randomUUID() }
    const event = { ...draftOf('work_profile_resolved'), ...run }
    const said = (receipts: readonly { readonly seq: number; readonly event_hash: string }[]) => {
      for (const { seq, event_hash } of receipts) acknowledge(`${JSON.stringify({ seq, event_hash })}\n`)
    }
    said([recorder.record({ ...draftOf('run_header'), ...run })])
    said([recorder.record(event)])
    await logSigner.anchor()
    said(recorder.recordAll([event, event, event]))
    if (vault && !Buffer.from(vault.get(vault.put(PAYLOAD, { ttlDays: 1 }))).equals(PAYLOAD))
      throw new Error('Expected the payload that was kept.')
    artifacts.get(artifacts.put(LARGE, { kind: 'file', classification: 'low' }).content_hash)
    said([recorder.record(event)])
    await logSigner.anchor()
    const { payload, ...end } = draftOf('run_end')
    const { events_expected: _, ...counted } = payload
    said([recorder.recordRunEnd({ ...end, ...run, payload: counted })])
  } finally {
    await close()
  }
}

/** Too large for a row: it becomes a file. */
const LARGE = new Uint8Array(65_537).fill(46)
