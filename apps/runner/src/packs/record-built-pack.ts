import type { ContextPackResult } from '@ctxlock/context-pack'
import { fileSourceId } from '@ctxlock/contracts/references'

import type { Session } from '../session/session.ts'

/** One event for a pack that is new (CP-024); none for one that was reused or could not be made. */
export function recordBuiltPack(session: Session, runId: string, path: string, result: ContextPackResult): void {
  if (!('payload' in result)) return
  const { record, status, previousPayloadHash } = result
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    workflow_run_id: runId,
    ...(status === 'built'
      ? { fr_event_id: 'FR-EVT-X-PACK-001', type: 'context_pack_built' }
      : { fr_event_id: 'FR-EVT-X-PACK-003', type: 'context_pack_refreshed' }),
    payload: {
      pack_id: record.pack_id,
      target: fileSourceId(path),
      payload_hash: record.payload_hash,
      source_hashes: record.source_hashes,
      builder: record.builder,
      ...(previousPayloadHash !== undefined && { previous_payload_hash: previousPayloadHash }),
    },
  })
}
