import { fileIdentity, prepareExtractors, type ContextPackResult, type StoredPack } from '@ctxlock/context-pack'
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { ContextPackRecord } from '@ctxlock/contracts/packs'
import type { Hash } from '@ctxlock/contracts/primitives'
import { fileSourceId } from '@ctxlock/contracts/references'
import { bytesHash } from '@ctxlock/core-hash'
import { checkPack, recheckPacks, type CheckedPack, type FreshnessReads } from '@ctxlock/freshness-guard'

import type { OneLook } from '../../environment/one-look.ts'
import { packFile } from '../../packs/pack-file.ts'
import type { BuildSession } from '../../session/build-session.ts'
import type { Session } from '../../session/session.ts'

/** A pack that was built, reused or refreshed for this call; one event each (CP-024). */
export interface PackWork {
  readonly path: string
  readonly status: 'built' | 'refreshed'
  readonly record: ContextPackRecord
  readonly previousPayloadHash?: Hash
}

/**
 * The packs of one call: made for the files a query reaches, examined against the bytes on disk each time, and rebuilt only
 * as the policy says.
 */
export interface PackShelf {
  /** The pack of one file, checked against what a look at the workspace sees; undefined when the file can have none. */
  check(path: string, takeToolCall: () => boolean, look: OneLook): Promise<CheckedPack | undefined>
  /** The second check, right before the prompt is assembled (FG-011). */
  recheck(): readonly ContextPackFreshnessRecord[]
  readonly checked: readonly CheckedPack[]
  /** The packs of `checked` that may still be used. */
  readonly used: readonly { readonly path: string; readonly record: ContextPackRecord }[]
  /** Takes a pack out of the call. */
  withdraw(payloadHash: Hash): void
  readonly work: readonly PackWork[]
  /** A stored record by its payload hash, for the guard's own examination. */
  find(payloadHash: Hash): ContextPackRecord | undefined
}

export function openPackShelf(session: Session): PackShelf {
  const checked = new Map<string, CheckedPack>()
  const withdrawn = new Set<Hash>()
  const records = new Map<Hash, ContextPackRecord>()
  const work: PackWork[] = []
  const reads = freshnessReads(session)

  function build(path: string, previous: StoredPack | undefined): ContextPackResult {
    // Payload and record are kept together, or not at all.
    return session.state.unsynced(() => buildAndKeep(path, previous))
  }

  function buildAndKeep(path: string, previous: StoredPack | undefined): ContextPackResult {
    const result = packFile(session, path, previous)
    if (result.status === 'not_packed') return result
    records.set(result.record.payload_hash, result.record)
    if (result.status !== 'reused') {
      const { status, record, previousPayloadHash } = result
      work.push({ path, status, record, ...(previousPayloadHash !== undefined && { previousPayloadHash }) })
    }
    return result
  }

  /** The newest pack of a file, or the earlier one of the bytes it has again (CP-020). */
  function storedPack(path: string, look: OneLook): StoredPack | undefined {
    const newest = session.packCache.latest(fileSourceId(path))
    const read = newest && look.read(path)
    if (read?.status !== 'read') return newest
    const hash = bytesHash(read.bytes)
    if (newest?.record.source_hashes.includes(hash)) return newest
    return session.packCache.findByReuseKey(fileIdentity(path, hash, session.packBuilder).reuseKey) ?? newest
  }

  return {
    get checked() {
      return [...checked.values()]
    },
    get used() {
      return [...checked].flatMap(([path, { pack }]) =>
        pack && !withdrawn.has(pack.record.payload_hash) ? [{ path, record: pack.record }] : [],
      )
    },
    work,
    withdraw: (payloadHash) => void withdrawn.add(payloadHash),
    async check(path, takeToolCall, look) {
      await prepareExtractors(session.packBuilding.extractors, [path])
      const stored = storedPack(path, look) ?? firstPack(build(path, undefined))
      if (!stored) return undefined
      records.set(stored.record.payload_hash, stored.record)
      const seen = { ...reads, reader: look }
      const result = await checkPack({ record: stored.record }, session.freshnessRules, seen, {
        regenerate: () => {
          // What a pack is rebuilt from is hashed anew (FG-012).
          look.forget(path)
          const rebuilt = firstPack(build(path, session.packCache.latest(fileSourceId(path))))
          if (!rebuilt) throw new Error('the file can no longer be packed')
          return rebuilt.record
        },
        refreshOnStale: session.config.policy.refreshOnStale,
        takeToolCall,
        clock: session.environment.clock,
        timers: session.environment.timers,
      })
      checked.set(path, result)
      return result
    },
    recheck: () => recheckPacks([...checked.values()], session.freshnessRules, reads).map(({ freshness }) => freshness),
    find: (payloadHash) => records.get(payloadHash),
  }
}

export function freshnessReads(session: Pick<BuildSession, 'reader' | 'artifacts' | 'memory'>): FreshnessReads {
  const { reader, artifacts, memory } = session
  return { reader, readPayload: (hash) => artifacts.get(hash), parsed: memory.parsed }
}

function firstPack(result: ContextPackResult): StoredPack | undefined {
  return result.status === 'not_packed' ? undefined : { record: result.record }
}
