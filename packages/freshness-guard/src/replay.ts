import { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'

import { readVerifiedPayload, type FreshnessReads } from './current-hashes.ts'
import { FreshnessError } from './freshness-error.ts'
import { recordedDecision } from './recorded-decision.ts'

export interface ReplayedPack {
  readonly freshness: ContextPackFreshnessRecord
  /** The recorded payload's bytes, hashed again; absent when the recorded call used no pack. */
  readonly payload?: Uint8Array
}

/**
 * The recorded decisions of a replayed run, instead of new ones (FG-018): sources are not looked at, nothing is rebuilt.
 * Throws `RECORD_INCONSISTENT` for a record whose outcome is not the table's, and `REPLAY_PACK_UNAVAILABLE` when a pack
 * that was used is gone or no longer hashes to what was recorded.
 */
export function replayPacks(recorded: readonly unknown[], readPayload: FreshnessReads['readPayload']): ReplayedPack[] {
  return recorded.map((value) => {
    const parsed = ContextPackFreshnessRecord.safeParse(value)
    if (!parsed.success || !recordedDecision(parsed.data)) {
      throw new FreshnessError(
        'RECORD_INCONSISTENT',
        'A recorded freshness decision is malformed or does not follow from its own fields; the recording cannot be replayed.',
        parsed.success ? { pack_id: parsed.data.pack_id, decision_row: parsed.data.decision_row } : {},
      )
    }
    const freshness = parsed.data
    const { effective_pack_payload_hash: hash, pack_id, decision_row } = freshness
    if (hash === null) return { freshness }
    const payload = readVerifiedPayload(hash, readPayload)
    if (payload) return { freshness, payload }
    throw new FreshnessError(
      'REPLAY_PACK_UNAVAILABLE',
      `The replay needs the payload ${hash} of pack ${pack_id}, which is missing or was altered; restore the artifact.`,
      { pack_id, decision_row },
    )
  })
}
