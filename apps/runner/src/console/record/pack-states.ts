import type { PacksAnswer, PackState } from '@ctxlock/console/record'
import { openPackCache } from '@ctxlock/context-pack'
import type { SqlDatabase, SourceReader } from '@ctxlock/contracts/ports'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { bytesHash, type Hash } from '@ctxlock/core-hash'

const PAGE = 100
/** Files hashed for one page at most: a page of stale packs may be far apart. */
const LOOKED_AT = 2000

export interface PackPage {
  readonly onlyStale: boolean
  /** Target of the last pack of the page before. */
  readonly after: string | undefined
}

/** The newest pack of each target, and which of its sources are other ones now. Every source is read and hashed. */
export function packStates(
  database: SqlDatabase,
  reader: SourceReader,
  { onlyStale, after }: PackPage,
): Omit<PacksAnswer, 'policy'> {
  const cache = openPackCache(database)
  const targets = [...cache.summaries().keys()].toSorted().filter((target) => after === undefined || target > after)
  const packs: PackState[] = []
  let lookedAt = 0
  for (const target of targets.slice(0, LOOKED_AT)) {
    lookedAt += 1
    const record = cache.latest(target)?.record
    const changed = (record?.sources ?? []).flatMap(({ source_id, source_hash }) =>
      changeOf(reader, source_id, source_hash),
    )
    if (!record || (onlyStale && changed.length === 0)) continue
    packs.push({ target: nameOf(target), payload_hash: record.payload_hash, made_at: record.created_at, changed })
    if (packs.length === PAGE) break
  }
  return { packs, looked_at: lookedAt, next: lookedAt < targets.length ? (targets[lookedAt - 1] ?? null) : null }
}

const nameOf = (source: string): string => pathOfSourceId(source) ?? source

function changeOf(reader: SourceReader, source: string, before: Hash): PackState['changed'] {
  const read = reader.read(nameOf(source))
  const now = read.status === 'read' ? bytesHash(read.bytes) : null
  return now === before ? [] : [{ path: nameOf(source), before, now }]
}
