import { buildLockfile, lockedSource, type ContextPackResult, type FileFacts } from '@ctxlock/context-pack'
import type { ExcludedSource, LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'
import { fileSourceId } from '@ctxlock/contracts/references'
import { bytesHash } from '@ctxlock/core-hash'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { packFile } from '../packs/pack-file.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { rolePackOf } from '../governed-call/bind-packs.ts'
import { lockedTasks } from './locked-tasks.ts'

/** Files whose packs and events become durable together: one commit a file would cost more than the packing. */
const BATCH = 256

/** Packs every source and states what a model will see: sources, rules, packs and tasks by hash. */
export function lockWorkspace(
  session: Session,
  ids: RunIds,
  tasks: readonly string[],
  progress: (text: string) => void,
): Lockfile {
  const { files, excluded } = session.listing()
  const sources: LockedSource[] = []
  const unread: ExcludedSource[] = excluded
    .filter(({ path }) => path !== '.')
    .map(({ path, reason }) => ({ path, reason }))
  for (let start = 0; start < files.length; start += BATCH) {
    progress(`packing sources: ${start} of ${files.length}`)
    inTransaction(session.state.database, () => {
      for (const { path, size: _, ...facts } of files.slice(start, start + BATCH)) {
        const line = hashedWhenLarge(session, lockedSource(packRecorded(session, ids, path), facts), facts)
        if ('hash' in line) sources.push(line)
        else unread.push(line)
      }
    })
  }
  const rolePacks = session.config.roles.map((role) => rolePackOf(session, role).pack)
  return buildLockfile({
    builder: session.packBuilder,
    tokenCounter: session.counter.id,
    sources,
    excluded: unread,
    rolePacks,
    scopedRules: session.rules.rules,
    tasks: lockedTasks(session, session.root, tasks),
  })
}

/** A file too large to pack is still stated by its hash, so that a change of it shows. */
function hashedWhenLarge(
  session: Session,
  line: LockedSource | ExcludedSource,
  facts: FileFacts,
): LockedSource | ExcludedSource {
  if (!('reason' in line) || line.reason !== 'too_large') return line
  const read = session.reader.read(line.path)
  if (read.status !== 'read') return line
  return { path: line.path, ...facts, hash: bytesHash(read.bytes), size: read.bytes.length, not_packed: 'too_large' }
}

/** Packs one file, with the event when its pack is new (CP-024). */
function packRecorded(session: Session, ids: RunIds, path: string): ContextPackResult {
  const result = packFile(session, path, session.packCache.latest(fileSourceId(path)))
  if (result.status === 'not_packed') return result
  const { record, status } = result
  if (status === 'reused') return result
  session.recorder.record({
    actor: 'system',
    trace_id: session.environment.random.uuid(),
    workflow_run_id: ids.runId,
    ...(status === 'built'
      ? { fr_event_id: 'FR-EVT-X-PACK-001', type: 'context_pack_built' }
      : { fr_event_id: 'FR-EVT-X-PACK-003', type: 'context_pack_refreshed' }),
    payload: {
      pack_id: record.pack_id,
      target: fileSourceId(path),
      payload_hash: record.payload_hash,
      source_hashes: record.source_hashes,
      builder: record.builder,
      ...('previousPayloadHash' in result &&
        result.previousPayloadHash !== undefined && { previous_payload_hash: result.previousPayloadHash }),
    },
  })
  return result
}
