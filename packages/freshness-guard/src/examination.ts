import type { ContextPackFreshnessRecord, StaleReason } from '@ctxlock/contracts/freshness'
import type { SourceHash } from '@ctxlock/contracts/packs'

import { currentHashes, type CurrentHashes, type FreshnessReads } from './current-hashes.ts'
import { identifyPack, identityOf, openPack, type PackIdentity, type VerifiedPack } from './stored-pack.ts'

/** A stored pack somebody wants to use as evidence. */
export interface PackToExamine {
  /** The ContextPackRecord as it was read from its store; judged, never trusted. */
  readonly record: unknown
  /** Canonical id of the target that was asked for; a record of another target is `record_inconsistent`. */
  readonly target?: string
  /** Ids of the sources the target consists of now. For entity packs, whose set can change (FG-008). */
  readonly currentSourceSet?: readonly string[]
}

export type StaleSource = ContextPackFreshnessRecord['stale_sources'][number]

/** What was found. `pack` is there exactly when the pack may be used as evidence (FG-020). */
export type Examination = PackIdentity &
  (
    | { readonly state: 'fresh'; readonly pack: VerifiedPack }
    | {
        readonly state: 'stale' | 'invalid'
        readonly reason: StaleReason
        readonly staleSources: readonly StaleSource[]
      }
  )

/** The reasons that make a pack stale, in the order in which one is reported (FG-008). */
const REASONS = ['hash_mismatch', 'source_missing', 'source_unreadable', 'source_set_changed'] as const

/**
 * Compares a pack with its sources as they are now (FG-007, FG-008, FG-010). Reads every source and the payload; compares
 * content only, so that touching a file or another builder version changes nothing (FG-013).
 * `hashes` shares what was hashed between the packs of one retrieval call (FG-012).
 * Throws `PACK_UNIDENTIFIABLE` and `READ_FAILED`.
 */
export function examinePack(
  stored: PackToExamine,
  reads: FreshnessReads,
  hashes: CurrentHashes = currentHashes(reads),
): Examination {
  const opened = openPack(stored.record, reads, stored.target)
  if ('invalid' in opened) {
    const identity = identifyPack(stored.record, stored.target)
    return { ...identity, state: 'invalid', reason: opened.invalid, staleSources: [] }
  }

  const { pack } = opened
  const identity = identityOf(pack.record, stored.target)
  const changes = changedSources(pack.record.sources, hashes, stored.currentSourceSet)
  const reason = REASONS.find((candidate) => changes.reasons.has(candidate))
  if (reason === undefined) return { ...identity, state: 'fresh', pack }
  return { ...identity, state: 'stale', reason, staleSources: changes.sources }
}

function changedSources(recorded: readonly SourceHash[], hashes: CurrentHashes, currentSet?: readonly string[]) {
  const reasons = new Set<StaleReason>()
  const sources: StaleSource[] = []
  const members = currentSet && new Set(currentSet)
  if (members && recorded.some(({ source_id }) => !members.has(source_id))) reasons.add('source_set_changed')
  if (members && members.size !== recorded.length) reasons.add('source_set_changed')
  const current = hashes(recorded.map(({ source_id }) => source_id))
  recorded.forEach(({ source_id, source_hash }, index) => {
    const now = current[index] ?? { failure: 'source_unreadable' }
    const hash = 'hash' in now ? now.hash : null
    if ('failure' in now) reasons.add(now.failure)
    else if (hash !== source_hash) reasons.add('hash_mismatch')
    else if (!members || members.has(source_id)) return
    sources.push({ source_id, recorded_hash: source_hash, current_hash: hash })
  })
  return { reasons, sources }
}
