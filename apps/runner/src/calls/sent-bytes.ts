import { RequestManifest, type CallRecord } from '@ctxlock/contracts/call'
import { ContextSnapshot } from '@ctxlock/contracts/context'
import { hashesEqual, keyedDigest } from '@ctxlock/core-hash'
import { explainCall } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { cannotRebuild } from '../governed-call/record/cannot-rebuild.ts'
import { rebuildRequest } from '../governed-call/record/request-manifest.ts'
import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { PAYLOAD_DIGEST } from '../workspace/digest-domains.ts'

export interface SentBytes {
  readonly manifest: RequestManifest
  readonly body: Uint8Array
  readonly from: 'sources' | 'vault'
}

/**
 * Exactly the bytes a call sent, put together again and checked against what the log recorded of them. Throws `SOURCE_CHANGED`, which
 * names the source, and `PAYLOAD_MISMATCH`.
 */
export function sentBytes(session: StoredSession, record: CallRecord): SentBytes {
  const manifest = readRecord(session, record.request_manifest, RequestManifest)
  const sent = { manifest, ...rebuilt(session, record, manifest) }
  checkAgainstLog(session, record, sent.body)
  return sent
}

function rebuilt(session: StoredSession, record: CallRecord, manifest: RequestManifest): Omit<SentBytes, 'manifest'> {
  const found = rebuildRequest(manifest, session.artifacts, session.reader)
  if (found.status === 'rebuilt') return { body: found.body, from: 'sources' }
  const { local_only_payload_ref: kept } = readRecord(session, record.context_snapshot, ContextSnapshot)
  if (kept && found.status === 'source_changed') return { body: session.openVault().get(kept), from: 'vault' }
  throw cannotRebuild(found)
}

/** The recorded digest is keyed and stands in the chained log: editing objects alone cannot make other bytes pass. */
function checkAgainstLog(session: StoredSession, record: CallRecord, body: Uint8Array): void {
  const { intent } = explainCall(session.state.database, record.trace_id)
  const digest = keyedDigest(session.state.digestKey(), PAYLOAD_DIGEST, body)
  if (intent && hashesEqual(intent.payload.payload_digest, digest)) return
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'PAYLOAD_MISMATCH',
    message: `the rebuilt bytes of call ${record.call_id} are not those the log recorded`,
    hint: 'Run `ctxlock verify` to see what was changed.',
  })
}
