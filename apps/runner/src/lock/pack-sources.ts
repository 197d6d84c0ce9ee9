import {
  fileIdentity,
  packIdOf,
  packRecord,
  sealRecord,
  type PackSummary,
  type StoredPack,
} from '@ctxlock/context-pack'
import type { EventDraft } from '@ctxlock/contracts/events'
import type { ExcludedSource, LockedSource } from '@ctxlock/contracts/lockfile'
import { fileSourceId } from '@ctxlock/contracts/references'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import type { DerivedFile } from '../packs/derivation.ts'
import { packEvent } from '../packs/pack-event.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import type { SurveyedSource } from './source-survey.ts'

/** Sources a thread derives at a time; of large files fewer, or one thread would be busy when the others are done. */
const BATCH = 48
const BATCH_BYTES = 512 * 1024
/** Batches whose packs and events become durable together: a commit waits for the disk. */
const BATCHES_A_COMMIT = 16
/**
 * Batches on their way: threads have work while this one writes, also when one that waits for its grammar holds up those behind
 * it, and payloads do not pile up.
 */
const IN_FLIGHT = 3 * BATCHES_A_COMMIT

/**
 * The lockfile line of every source: its stored pack where nothing changed (CP-020), else a new one, stored and recorded
 * (CP-024). Payloads are derived on other threads; the database is written by this one, in the order of the sources.
 */
export async function packSources(
  session: Session,
  ids: RunIds,
  sources: readonly SurveyedSource[],
  progress: (text: string) => void,
): Promise<(LockedSource | ExcludedSource)[]> {
  const known = session.packCache.summaries()
  const isStored = storedObjects(session)
  const lines = new Map<string, LockedSource | ExcludedSource>()
  const unknown: SurveyedSource[] = []
  for (const source of sources) {
    const line = knownLine(session, source, known.get(fileSourceId(source.path)), isStored)
    if (line) lines.set(source.path, line)
    else unknown.push(source)
  }
  let done = 0
  for await (const derived of derivedBatches(session, unknown)) {
    inTransaction(session.state.database, () => {
      const drafts: EventDraft[] = []
      for (const file of derived) {
        const source = unknown[done]
        done += 1
        if (!source || pathOf(file) !== source.path) throw new Error('Expected one answer for each source, in order.')
        const previous = known.get(fileSourceId(source.path))
        lines.set(source.path, keptLine(session, ids, source, file, previous, drafts))
      }
      session.recorder.recordAll(drafts)
    })
    progress(`packing sources: ${done} of ${unknown.length}`)
  }
  return sources.flatMap(({ path }) => lines.get(path) ?? [])
}

/**
 * Everything a stored pack depends on is in its reuse key; a row that is not what its id says does not count. A file that changed
 * back has an earlier row.
 */
function knownLine(
  { packBuilder, packCache, counter }: Session,
  source: SurveyedSource,
  newest: PackSummary | undefined,
  isStored: (hash: string) => boolean,
) {
  if (!newest) return undefined
  const { reuseKey } = fileIdentity(source.path, source.hash, packBuilder)
  const summary = newest.reuseKey === reuseKey ? newest : summaryOf(packCache.findByReuseKey(reuseKey))
  if (summary?.tokens?.counterId !== counter.id) return undefined
  if (summary.packId !== packIdOf(reuseKey, summary.payloadHash) || !isStored(summary.payloadHash)) return undefined
  return { ...source, tokens: summary.tokens.count, pack: summary.payloadHash }
}

function summaryOf(stored: StoredPack | undefined): Pick<PackSummary, 'packId' | 'payloadHash' | 'tokens'> | undefined {
  if (!stored) return undefined
  const { record, tokens } = stored
  return { packId: record.pack_id, payloadHash: record.payload_hash, ...(tokens && { tokens }) }
}

/** Asks the store once for all objects that lie in the database; only for large ones is their file looked for. */
function storedObjects({ artifacts }: Session): (hash: string) => boolean {
  const inDatabase = new Set<string>()
  for (const { content_hash, place } of artifacts.list()) if (place === 'database') inDatabase.add(content_hash)
  return (hash) => inDatabase.has(hash) || artifacts.has(hash)
}

/** Answers in the order of the sources, several batches at once. */
async function* derivedBatches(
  session: Pick<Session, 'openDerivation'>,
  sources: readonly SurveyedSource[],
): AsyncGenerator<readonly DerivedFile[]> {
  const derivation = session.openDerivation(sources)
  try {
    const open = batchesOf(sources)
    const waiting: Promise<readonly DerivedFile[]>[] = []
    let ready: DerivedFile[] = []
    let batches = 0
    while (open.length > 0 || waiting.length > 0) {
      for (const batch of open.splice(0, IN_FLIGHT - waiting.length)) {
        const derived = derivation.derive(batch)
        // The first that fails is the one to report; those behind it must not end the process meanwhile.
        derived.catch(() => {})
        waiting.push(derived)
      }
      ready.push(...((await waiting.shift()) ?? []))
      batches += 1
      if (batches % BATCHES_A_COMMIT === 0) {
        yield ready
        ready = []
      }
    }
    if (ready.length > 0) yield ready
  } finally {
    await derivation.close()
  }
}

function batchesOf(sources: readonly SurveyedSource[]): SurveyedSource[][] {
  const batches: SurveyedSource[][] = []
  let bytes = BATCH_BYTES
  for (const source of sources) {
    const last = batches.at(-1)
    if (last && last.length < BATCH && bytes < BATCH_BYTES) last.push(source)
    else {
      batches.push([source])
      bytes = 0
    }
    bytes += source.size
  }
  return batches
}

function pathOf(file: DerivedFile): string {
  return file.status === 'not_packed' ? file.path : file.source.path
}

/** Stores what was derived and says what the lockfile has to state of it. The caller's transaction holds. */
function keptLine(
  session: Session,
  ids: RunIds,
  surveyed: SurveyedSource,
  file: DerivedFile,
  previous: PackSummary | undefined,
  drafts: EventDraft[],
): LockedSource | ExcludedSource {
  if (file.status === 'not_packed') return unpackedLine(surveyed, file)
  const { path, hash, sizeBytes: size, tokens } = file.source
  const handle = session.artifacts.put(file.bytes, { kind: 'file', classification: 'medium', exportable: false })
  const version = { createdAt: session.environment.clock.now(), version: (previous?.version ?? 0) + 1 }
  const identity = fileIdentity(path, hash, session.packBuilder)
  const record = sealRecord(packRecord(identity, file.payloadHash, version), handle)
  session.packCache.put({ record, tokens: { counterId: session.counter.id, count: tokens } }, identity.reuseKey)
  drafts.push(packEvent(session, ids.runId, path, record, previous?.payloadHash))
  return { ...surveyed, hash, size, tokens, pack: file.payloadHash }
}

/** What was read is stated by its hash even without a pack, so that a change of it shows. */
function unpackedLine(
  surveyed: SurveyedSource,
  { reason, source }: Extract<DerivedFile, { readonly status: 'not_packed' }>,
): LockedSource | ExcludedSource {
  if (source) {
    const { sizeBytes, tokens } = source
    return {
      ...surveyed,
      hash: source.hash,
      size: sizeBytes,
      ...(tokens !== undefined && { tokens }),
      not_packed: reason,
    }
  }
  return reason === 'too_large' ? { ...surveyed, not_packed: reason } : { path: surveyed.path, reason }
}
