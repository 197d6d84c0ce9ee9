import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

import { artifactReferences, eventWithoutNames } from '@ctxlock/contracts/events'
import type {
  BundleCheckpoint,
  BundleEvent,
  BundleHead,
  BundleLine,
  BundleObject,
  BundleReceipt,
  BundleRedaction,
} from '@ctxlock/contracts/evidence-bundle'
import type { LogCheckpoint } from '@ctxlock/contracts/plugin'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash, Uuid } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalize } from '@ctxlock/core-hash'

import { newestCheckpoint } from '../checkpoint/checkpoint-log.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import { formatVerifierKey, verifierOf } from '../checkpoint/signed-note.ts'
import { RecorderError, onDatabase } from '../recorder-error.ts'
import { tileTable } from '../tile-table.ts'
import { consistencyProof, inclusionProof } from '../tree/proofs.ts'
import { subtreesOf } from '../tree/tiles.ts'
import { verifierNotes } from './notes.ts'
import { receiptIds } from './receipt-ids.ts'
import { runRows, type RunRow } from './run-rows.ts'
import { sealLine } from './seal.ts'

export interface BundledRun {
  readonly runId: Uuid
  /** The ids under which processes that went on with the run recorded their part. */
  readonly continuedAs: readonly Uuid[]
}

/** What a bundle is made from. The log is signed before: `anchorLog`. */
export interface BundleSource {
  readonly database: SqlDatabase
  /** The log's own: whoever exports vouches for what a redaction shows, and that nothing is missing. */
  readonly signingKey: KeyObject
  readonly run: BundledRun
  readonly redaction: BundleRedaction
  readonly redactorVersion: string
  /** Takes the place of a name: a digest under a key that stays here. Equal names give equal texts. */
  readonly hide: (text: string) => string
  /**
   * Reads an object; what it returns has its hash, or says why its bytes are not there. `seq` is the position of the run's last event
   * that names it: only an order behind it can have erased the object.
   */
  readonly object: (hash: Hash, seq: number) => BundleObject
  readonly receipt: (id: string) => BundleReceipt
}

/**
 * One run as the lines of an evidence bundle, each with its line feed; join them, or write one after the other. The same run at the
 * same checkpoint gives the same bytes. Codes: HSK-404-NOT-SIGNED when no event of the run is signed yet, HSK-409-LOG-DIVERGED.
 */
export function* writeBundle(source: BundleSource): Generator<string> {
  const signed = onDatabase('Reading a run', () => inTransaction(source.database, () => readSigned(source)))
  const { origin, checkpoints, events, rows } = signed
  const known = rows.flatMap(({ event }) => event ?? [])
  const lastNamed = new Map(
    known.flatMap((event) => artifactReferences(event).map((name) => [name, event.seq] as const)),
  )
  const named = [...lastNamed].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const receipts = receiptIds(known)
  const isWhole = source.redaction === 'none'

  const hash = createHash('sha256')
  let lines = 0
  const written = (line: BundleLine): string => {
    const text = `${canonicalize(line)}\n`
    hash.update(text)
    lines += 1
    return text
  }
  yield written({
    ...headOf(source, origin),
    lines: {
      checkpoint: checkpoints.length,
      event: events.length,
      object: isWhole ? named.length : 0,
      receipt: isWhole ? receipts.length : 0,
    },
    left_out: { objects: isWhole ? 0 : named.length, receipts: isWhole ? 0 : receipts.length },
  })
  for (const line of checkpoints) yield written(line)
  for (const line of events) yield written(line)
  if (isWhole) {
    for (const [content, seq] of named) yield written(source.object(content, seq))
    for (const id of receipts) yield written(source.receipt(id))
  }
  yield `${canonicalize(sealLine(lines, hash.digest('hex'), origin, source.signingKey))}\n`
}

interface SignedRun {
  readonly origin: string
  readonly checkpoints: readonly BundleCheckpoint[]
  readonly events: readonly BundleEvent[]
  readonly rows: readonly RunRow[]
}

/** Everything the log has of the run, in one view of it. */
function readSigned(source: BundleSource): SignedRun {
  const { database, run, redaction, hide } = source
  const newest = newestCheckpoint(database)
  const rows = newest ? runRows(database, [run.runId, ...run.continuedAs], newest.size) : []
  const [first] = rows
  if (!newest || !first) {
    throw new RecorderError(
      'HSK-404-NOT-SIGNED',
      `Expected a run whose events a checkpoint covers; ${run.runId} is none.`,
    )
  }
  const { size, origin } = newest
  const subtrees = subtreesOf(tileTable(database))
  const checkpoints = signedFrom(source, first.seq, newest).map(({ note, size: earlier }): BundleCheckpoint => {
    return { kind: 'checkpoint', note, consistency: consistencyProof(subtrees, earlier, size) }
  })
  const events = rows.map((row): BundleEvent => {
    const { seq, hash: event_hash, text, event } = row
    const placed = { kind: 'event', seq, event_hash, inclusion: inclusionProof(subtrees, seq - 1, size) } as const
    if (text === undefined || event === undefined) return { ...placed, left_out: 'erased' }
    if (redaction === 'all') return { ...placed, left_out: 'all' }
    if (redaction === 'names') return { ...placed, left_out: 'names', shown: eventWithoutNames(event, hide) }
    return { ...placed, event: text }
  })
  return { origin, checkpoints, events, rows }
}

/** Checkpoints with this key that cover the first event of the run; another key may have signed in between. */
function signedFrom({ database, signingKey }: BundleSource, seq: number, { origin, size }: LogCheckpoint) {
  const verifier = verifierOf(origin, createPublicKey(signingKey))
  const select = database.prepare('SELECT note FROM flight_checkpoint WHERE size >= ? AND size <= ? ORDER BY size')
  return select.all(seq, size).flatMap(({ note }) => {
    const opened = openCheckpoint(String(note), verifier)
    return opened.state === 'signed' ? [{ note: String(note), size: opened.checkpoint.size }] : []
  })
}

function headOf(
  { run, redaction, redactorVersion, signingKey }: BundleSource,
  origin: string,
): Omit<BundleHead, 'lines' | 'left_out'> {
  return {
    kind: 'bundle',
    schema_version: 'ctxlock.evidence_bundle@1',
    run_id: run.runId,
    recorded_as: [run.runId, ...run.continuedAs],
    redaction,
    public_key: formatVerifierKey(verifierOf(origin, createPublicKey(signingKey))),
    redactor_version: redactorVersion,
    notes: verifierNotes(redaction),
  }
}
