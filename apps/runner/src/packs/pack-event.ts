import type { EventDraft } from '@ctxlock/contracts/events'
import type { ContextPackRecord } from '@ctxlock/contracts/packs'
import type { Hash } from '@ctxlock/contracts/primitives'
import { fileSourceId } from '@ctxlock/contracts/references'

import type { Session } from '../session/session.ts'

/** The event of a new pack of a file (CP-024): built, or refreshed when there was one with `previous` as payload hash. */
export function packEvent(
  session: Pick<Session, 'environment'>,
  runId: string,
  path: string,
  record: ContextPackRecord,
  previous: Hash | undefined,
): EventDraft {
  return {
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    workflow_run_id: runId,
    ...(previous === undefined
      ? { fr_event_id: 'FR-EVT-X-PACK-001', type: 'context_pack_built' }
      : { fr_event_id: 'FR-EVT-X-PACK-003', type: 'context_pack_refreshed' }),
    payload: {
      pack_id: record.pack_id,
      target: fileSourceId(path),
      payload_hash: record.payload_hash,
      source_hashes: record.source_hashes,
      builder: record.builder,
      ...(previous !== undefined && { previous_payload_hash: previous }),
    },
  }
}
