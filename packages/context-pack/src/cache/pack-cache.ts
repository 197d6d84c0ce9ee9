import { canonicalize, settle, textHash, type Hash } from '@ctxlock/core-hash'
import { ContextPackRecord, copyOfPackRecord, type PackTarget } from '@ctxlock/contracts/packs'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalReferenceId } from '@ctxlock/contracts/references'

import { reuseKeyOf } from '../pack/pack-identity.ts'
import type { SourceTokens, StoredPack } from '../pack/context-pack.ts'
import { prepareCacheTables } from './cache-tables.ts'

/** Versions of one target that are kept: enough for a file that changes back and forth. */
const MOST_RECORDS = 256
const KEPT_VERSIONS = 8

/**
 * The records of packs by what they are packs of. Payloads are in the artifact store. Everything here is derived: a row that
 * cannot be read is a row that is not there.
 */
export interface PackCache {
  /** The newest record of a target; `sourceId` is `file:<path>` for workspace files. */
  readonly latest: (sourceId: string) => StoredPack | undefined
  /** A record with this reuse key (CP-020), even if a newer one of its target exists. */
  readonly findByReuseKey: (reuseKey: Hash) => StoredPack | undefined
  /** A record of this payload, whatever became of its target since: for whoever looks back. */
  readonly findByPayload: (payloadHash: Hash) => StoredPack | undefined
  /** What a lock needs of the newest pack of every target, by its source id. */
  readonly summaries: () => ReadonlyMap<string, PackSummary>
  /** `reuseKey` saves computing it again where the identity of the pack is at hand. */
  readonly put: (pack: StoredPack, reuseKey?: Hash) => void
  readonly forget: (sourceId: string) => void
}

/** A stored pack by its hashes. */
export interface PackSummary {
  readonly reuseKey: Hash
  readonly packId: string
  readonly payloadHash: Hash
  readonly version: number
  readonly tokens?: SourceTokens
}

/**
 * Opens the cache in the host's database and creates its tables on first use. Writes join the host's transaction: thousands of
 * packs belong in one. Throws `PACK_CACHE_UNSUPPORTED` for tables of a newer version; what the database throws passes through.
 */
export function openPackCache(database: SqlDatabase): PackCache {
  prepareCacheTables(database)
  const columns = 'SELECT record, token_counter, tokens FROM context_pack'
  const latest = database.prepare(`${columns} WHERE source_id = ? ORDER BY version DESC LIMIT 1`)
  const byKey = database.prepare(`${columns} WHERE reuse_key = ? ORDER BY version DESC LIMIT 1`)
  const byPayload = database.prepare(`${columns} WHERE payload_hash = ? ORDER BY version DESC LIMIT 1`)
  const upsert = database.prepare(
    `INSERT INTO context_pack (source_id, version, reuse_key, pack_id, payload_hash, record, token_counter, tokens)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (source_id, version) DO UPDATE SET
       reuse_key = excluded.reuse_key, pack_id = excluded.pack_id, payload_hash = excluded.payload_hash, record = excluded.record,
       token_counter = excluded.token_counter, tokens = excluded.tokens
     WHERE (record, token_counter, tokens) IS NOT (excluded.record, excluded.token_counter, excluded.tokens)`,
  )
  // SQLite gives the other columns from the row that has the maximum.
  const newest = database.prepare(
    `SELECT source_id, max(version) AS version, reuse_key, pack_id, payload_hash, token_counter, tokens
     FROM context_pack GROUP BY source_id`,
  )
  const prune = database.prepare('DELETE FROM context_pack WHERE source_id = ? AND version <= ?')
  const remove = database.prepare('DELETE FROM context_pack WHERE source_id = ?')
  const packOf = packReader()

  return {
    latest: (sourceId) => packOf(latest.get(sourceId), (record) => targetKey(record.target) === sourceId),
    findByReuseKey: (reuseKey) => packOf(byKey.get(reuseKey), (record) => reuseKeyOf(record) === reuseKey),
    findByPayload: (hash) => packOf(byPayload.get(hash), (record) => record.payload_hash === hash),
    summaries() {
      const summaries = new Map<string, PackSummary>()
      for (const row of newest.iterate()) summaries.set(String(row['source_id']), summaryOf(row))
      return summaries
    },
    put({ record, tokens }, reuseKey = reuseKeyOf(record)) {
      const sourceId = targetKey(record.target)
      upsert.run(
        sourceId,
        record.version,
        reuseKey,
        record.pack_id,
        record.payload_hash,
        canonicalize(record),
        tokens ? vouchedCounter(tokens, record.pack_id) : null,
        tokens?.count ?? null,
      )
      if (record.version > KEPT_VERSIONS) prune.run(sourceId, record.version - KEPT_VERSIONS)
    },
    forget: (sourceId) => void remove.run(sourceId),
  }
}

/** The name of a target that stays the same when its content changes. */
function targetKey(target: PackTarget): string {
  return target.ref_type === 'source_ref'
    ? target.ref.id
    : canonicalReferenceId({ kind: 'entity_ref', ref: target.ref })
}

type PackOfRow = (
  row: Record<string, unknown> | undefined,
  isAskedFor: (record: ContextPackRecord) => boolean,
) => StoredPack | undefined

/**
 * The database is a file others can write to, so a row counts only when it is what it was asked for. What the same text says
 * is remembered: a session asks for the same packs at every call.
 */
function packReader(): PackOfRow {
  const lately = new Map<string, ContextPackRecord>()
  function recordOf(text: unknown): ContextPackRecord | undefined {
    if (typeof text !== 'string') return undefined
    const known = lately.get(text)
    if (known) return known
    const value = jsonOrUndefined(text)
    const record = copyOfPackRecord(value) ?? ContextPackRecord.safeParse(value).data
    if (!record) return undefined
    if (lately.size === MOST_RECORDS) lately.clear()
    lately.set(text, settle(record))
    return record
  }
  return (row, isAskedFor) => {
    const record = recordOf(row?.['record'])
    return record && isAskedFor(record) ? { record, ...countedTokens(row, record.pack_id) } : undefined
  }
}

function summaryOf(row: Record<string, unknown>): PackSummary {
  return {
    reuseKey: String(row['reuse_key']),
    packId: String(row['pack_id']),
    payloadHash: String(row['payload_hash']),
    version: Number(row['version']),
    ...countedTokens(row, String(row['pack_id'])),
  }
}

/** No hash of the pack covers the size of its source, which a lockfile states: a damaged count must not be believed. */
function vouchedCounter({ counterId, count }: SourceTokens, packId: string): string {
  return `${counterId} ${textHash(`${packId} ${counterId} ${count}`).slice(0, 16)}`
}

function countedTokens(row: Record<string, unknown> | undefined, packId: string): { readonly tokens?: SourceTokens } {
  const { token_counter: vouched, tokens: count } = row ?? {}
  if (typeof vouched !== 'string' || typeof count !== 'number') return {}
  const tokens = { counterId: vouched.slice(0, vouched.lastIndexOf(' ')), count }
  return vouchedCounter(tokens, packId) === vouched ? { tokens } : {}
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
