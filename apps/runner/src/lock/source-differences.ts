import { ArtifactError } from '@ctxlock/artifact-store'
import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { buildContextPack, prepareExtractors, type SourceChange } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'
import { ContextPackPayload } from '@ctxlock/contracts/packs'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { CanonError, parseCanonical, type Hash } from '@ctxlock/core-hash'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { configuredExtractors } from '../packs/extractors.ts'
import { packBuilding } from '../packs/pack-building.ts'
import { openStoredSession, type StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { hasState } from '../workspace/state-place.ts'
import { discardingStore } from './discarding-store.ts'
import { packDifference, type PackDifference } from './pack-difference.ts'

/** Why the packs of a changed source cannot be compared. */
export type NotCompared = 'never_packed' | 'not_stored' | 'damaged' | 'no_pack_now'

export interface SourceDifference {
  readonly path: string
  readonly change: SourceChange['change']
  /** Absent when one side has no pack, or the earlier one is not to be had. */
  readonly pack?: PackDifference
  /** For a changed source without `pack`. */
  readonly not_compared?: NotCompared
}

/** What each changed source means for a model, as far as both packs are to be had. */
export async function sourceDifferences(
  root: string,
  lockfile: Lockfile,
  changes: readonly SourceChange[],
): Promise<SourceDifference[]> {
  const { config } = loadConfig(root)
  const reader = createWorkspaceReader(root)
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  // The packs of the lockfile were built with the same ones.
  const building = packBuilding(config, createRedactor(), extractors)
  await prepareExtractors(
    extractors,
    changes.map(({ path }) => path),
  )
  const sources = new Map(lockfile.sources.map((source) => [source.path, source]))
  const stored = hasState(root) ? openStoredSession(root, process.env) : undefined
  try {
    return changes.map(({ path, change }): SourceDifference => {
      const locked = sources.get(path)
      const before = locked && 'pack' in locked ? earlierPayload(stored, locked.pack) : 'never_packed'
      const after = buildContextPack({
        path,
        reader,
        ...building,
        store: discardingStore,
        clock: nodeEnvironment.clock,
        tokenCounter: codePointsPerFour,
      })
      if (typeof before !== 'string' && 'payload' in after)
        return { path, change, pack: packDifference(before, after.payload) }
      const reason = typeof before === 'string' ? before : 'no_pack_now'
      return { path, change, ...(change === 'changed' && { not_compared: reason }) }
    })
  } finally {
    stored?.close()
  }
}

/** A payload that is not what its hash says is no payload, and no reason to say nothing about the other sources (CP-010). */
function earlierPayload(
  stored: StoredSession | undefined,
  hash: Hash,
): ContextPackPayload | Extract<NotCompared, 'not_stored' | 'damaged'> {
  if (!stored?.artifacts.has(hash)) return 'not_stored'
  try {
    return ContextPackPayload.safeParse(parseCanonical(stored.artifacts.get(hash))).data ?? 'damaged'
  } catch (error) {
    const isDamaged = error instanceof ArtifactError && error.code === 'ARTIFACT_HASH_MISMATCH'
    if (isDamaged || error instanceof CanonError) return 'damaged'
    throw error
  }
}
