// Appends a run to the log of the workspace it is started in, and says of each event on stdout that it is durable, as it becomes so.
import { randomUUID } from 'node:crypto'

import { asCommandError } from '../../../../apps/runner/src/failure.ts'
import { openSession } from '../../../../apps/runner/src/session/session.ts'
import { draftOf } from '../../../../packages/contracts/src/testing.ts'

const EVENTS = 12
const SIGNED_EVERY = 4

try {
  const { recorder, logSigner, close } = await openSession({ root: process.cwd(), variables: process.env })
  try {
    const run = { workflow_run_id: randomUUID() }
    recorder.record({ ...draftOf('run_header'), ...run })
    for (let number = 1; number <= EVENTS; number += 1) {
      const { seq, event_hash } = recorder.record({ ...draftOf('work_profile_resolved'), ...run })
      process.stdout.write(`${JSON.stringify({ seq, event_hash })}\n`)
      if (number % SIGNED_EVERY === 0) await logSigner.anchor()
    }
    const { payload, ...end } = draftOf('run_end')
    const { events_expected: _, ...counted } = payload
    recorder.recordRunEnd({ ...end, ...run, payload: counted })
  } finally {
    await close()
  }
} catch (error) {
  const { exit, message, hint } = asCommandError(error)
  process.stderr.write(`error: ${message}\n  ${hint}\n`)
  process.exitCode = exit
}
