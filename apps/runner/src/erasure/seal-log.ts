import { dropSealed, sealableSegments, writeSegment } from '@ctxlock/flight-recorder'

import { createSegmentFiles } from '../environment/segment-files.ts'
import { anchorRuns } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { listedParts } from './listed-parts.ts'

/**
 * Moves old ranges of the log into files: written first, then recorded and signed, then taken out of the database. Killed anywhere, it
 * is called again. Returns how many events the database let go of.
 */
export async function sealLog(session: Session, olderThan: string, runId: string): Promise<number> {
  const { database, folder } = session.state
  const files = createSegmentFiles(folder)
  const segments = sealableSegments(database, olderThan)
  for (const range of segments) writeSegment(database, files, range)
  if (segments.length > 0) {
    const base = { trace_id: session.environment.random.uuid(), workflow_run_id: runId, actor: 'system' as const }
    session.recorder.recordAll(
      listedParts(segments).map((part) => ({
        ...base,
        fr_event_id: 'FR-EVT-X-SEAL-001',
        type: 'log_sealed',
        payload: { segments: part },
      })),
    )
    await anchorRuns(session)
  }
  return dropSealed(database, files)
}
