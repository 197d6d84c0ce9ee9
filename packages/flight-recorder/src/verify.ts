import { artifactReferences } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { parseVerifierKey } from './checkpoint/signed-note.ts'
import type { NoteVerifier } from './checkpoint/signed-note.ts'
import { KEYS_TEXT } from './event-keys.ts'
import { GENESIS_HASH, checkVersion, hasLog, headReader } from './log-tables.ts'
import type { DatabaseHead } from './log-tables.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'
import { POSITION, rowsByPosition } from './rows-by-position.ts'
import type { Columns } from './rows-by-position.ts'
import { safeInteger } from './safe-integer.ts'
import { readSegment, segmentRange, textOf } from './segment/segment-files.ts'
import type { SegmentFiles } from './segment/segment-files.ts'
import type { TreeRoot } from './tree/proofs.ts'
import { checkAnchors, checkStoredCheckpoints } from './verify/anchors.ts'
import type { KeptCheckpoint } from './verify/anchors.ts'
import { createChainWalk } from './verify/chain.ts'
import type { LastRow } from './verify/chain.ts'
import { createErasureCheck } from './verify/erasures.ts'
import { examineEvent, keysOf } from './verify/examined-event.ts'
import type { ExaminedEvent } from './verify/examined-event.ts'
import { checkObjects } from './verify/objects.ts'
import type { VerifiableObjects } from './verify/objects.ts'
import { rangesOf } from './verify/ranges.ts'
import type { Break, VerifyReport } from './verify/report.ts'
import { createRunCount } from './verify/runs.ts'
import { claimSignedTree, findSignedTree } from './verify/signed-tree.ts'
import type { SignedTree } from './verify/signed-tree.ts'

const MAX_LISTED_BREAKS = 1000

export interface VerifyOptions {
  readonly database: SqlDatabase
  /** The log's public key in its text form (`logPublicKey`); without it no checkpoint can be believed. */
  readonly publicKey?: string
  /** What the anchors keep, read before this is called: nothing else confirms the newest events. */
  readonly kept?: readonly KeptCheckpoint[]
  /** The object store, to look at every stored object too. */
  readonly objects?: VerifiableObjects
  /** Where sealed texts are, to look at every line of them; the function `SEALED_TEXT` reads those that the log needs. */
  readonly segments?: SegmentFiles
}

/**
 * Reads the whole log and says what was changed, removed or added, which runs have no end, and which objects are missing or
 * edited (REC-008). Writes nothing. Finding something wrong is a report. Codes: HSK-500-DB when it could not look,
 * HSK-409-LOG-VERSION, HSK-400-INVALID-KEY.
 */
export function verifyLog({ database, publicKey, kept = [], objects, segments }: VerifyOptions): VerifyReport {
  const verifier = publicKey === undefined ? undefined : checkedKey(publicKey)
  const anchors = checkAnchors(kept, verifier)
  const log = onDatabase('Verifying the log', () =>
    readingOnce(database, () => walkLog(database, anchors, verifier, objects !== undefined)),
  )
  const objectReport = objects ? checkObjects(objects, log.referenced, log.erasures.objects) : null

  const { runs, duplicates, ranges } = log
  const breaks = [...log.breaks, ...(segments ? checkSegments(segments) : [])]
  return {
    verdict: verdictOf({ breaks, runs, duplicates, ranges, anchors: anchors.reports, objects: objectReport }),
    events: log.events,
    anchors: anchors.reports,
    ranges,
    breaks: breaks.slice(0, MAX_LISTED_BREAKS),
    breaks_total: breaks.length,
    runs,
    erasures: log.erasures.report,
    objects: objectReport,
    duplicate_violations: duplicates,
  }
}

function checkSegments(files: SegmentFiles): Break[] {
  return [...files.list()].flatMap((name): Break[] => {
    const range = segmentRange(name)
    return range && readSegment(files, range).isSound ? [] : [{ reason: 'edited_segment', from: 0, to: 0, ...range }]
  })
}

function checkedKey(publicKey: string): NoteVerifier {
  const verifier = parseVerifierKey(publicKey)
  if (verifier) return verifier
  throw new RecorderError(
    'HSK-400-INVALID-KEY',
    'Expected a public key as `<name>+<id>+<key>`, with the id of that key.',
  )
}

type CheckedAnchors = ReturnType<typeof checkAnchors>

function walkLog(
  database: SqlDatabase,
  anchors: CheckedAnchors,
  verifier: NoteVerifier | undefined,
  looksAtObjects: boolean,
) {
  checkVersion(database)
  const isBegun = hasLog(database)
  const head = isBegun ? headReader(database, safeInteger('count'))() : EMPTY_HEAD
  const stored = isBegun ? checkStoredCheckpoints(database, verifier) : { signed: [], breaks: [] }
  const trees = [...anchors.signed, ...stored.signed]
  const log = { database, isBegun, head, stored, trees, anchors, verifier, looksAtObjects }
  if (!isBegun) return walkRows(log, NOTHING_SIGNED)
  return walkAsSigned(log) ?? walkRows(log, findSignedTree(database, trees))
}

interface OpenedLog {
  readonly database: SqlDatabase
  readonly isBegun: boolean
  readonly head: DatabaseHead
  readonly stored: ReturnType<typeof checkStoredCheckpoints>
  readonly trees: readonly TreeRoot[]
  readonly anchors: CheckedAnchors
  readonly verifier: NoteVerifier | undefined
  readonly looksAtObjects: boolean
}

/** One look at each row is enough where every signed root holds. Undefined where one does not: then the tree has to be found first. */
function walkAsSigned(log: OpenedLog): ReturnType<typeof walkRows> | undefined {
  const { claim, push, isConfirmed } = claimSignedTree(log.trees)
  const found = walkRows(log, claim, push)
  return isConfirmed() ? found : undefined
}

function walkRows(
  { database, isBegun, head, stored, trees, anchors, verifier, looksAtObjects }: OpenedLog,
  signed: SignedTree,
  onRow?: (event: ExaminedEvent) => void,
) {
  const isSettled = (seq: number) => seq > 0 && seq <= signed.settled && !signed.differing.has(seq)
  const chain = createChainWalk(head, signed)
  const runs = createRunCount()
  const erasures = createErasureCheck((seq) => verifier === undefined || isSettled(seq))
  const violations = createViolationCount()
  const keys = createKeyCheck(database)
  const referenced = new Set<string>()
  let events = 0

  for (const row of isBegun ? readRows(database) : []) {
    const { 0: position, 1: text, 2: hash, 3: saidKeys } = row
    const seq = Number(position)
    const examined = examineEvent(seq, text, hash, isSettled(seq))
    onRow?.(examined)
    chain.push(examined)
    erasures.push(examined)
    keys.push(examined, saidKeys)
    events += 1
    if (!examined.event) continue
    runs.push(examined.event)
    violations.push(examined.event)
    if (looksAtObjects) for (const hash of artifactReferences(examined.event)) referenced.add(hash)
  }

  const { breaks: changes, broken, last } = chain.finish()
  const contradictions = signed.contradicted.map((size): Break => {
    const from = size > signed.settled ? signed.settled + 1 : size
    return { reason: 'checkpoint_mismatch', from, to: size }
  })
  const { breaks: removedTexts, ...found } = erasures.finish()
  const expected = Math.max(head.count, largest(trees), largest(anchors.reports))
  const breaks = [...changes, ...removedTexts, ...contradictions, ...stored.breaks, ...keys.finish(expected)]
  if (breaks.length === 0 && !isHeadOf(head, last)) {
    breaks.push({ reason: 'head_mismatch', from: head.count, to: head.count })
  }
  breaks.sort((a, b) => a.from - b.from || a.to - b.to)

  const isConfirmed = ({ size }: TreeRoot) => size <= signed.settled && !signed.contradicted.includes(size)
  const ranges = rangesOf({
    broken: [...broken, ...removedTexts, ...contradictions.filter(({ to }) => to > signed.settled)],
    erased: found.erased,
    lastSeq: last.seq,
    anchored: largest(anchors.signed.filter(isConfirmed)),
    expected,
  })
  return {
    events,
    breaks,
    ranges,
    referenced,
    erasures: found,
    runs: runs.finish(found.eventsOfRuns),
    duplicates: violations.duplicates,
  }
}

function largest(sizes: readonly { readonly size: number | null }[]): number {
  return sizes.reduce((found, { size }) => Math.max(found, size ?? 0), 0)
}

const EMPTY_HEAD: DatabaseHead = { count: 0, lastHash: GENESIS_HASH }
const NOTHING_SIGNED: SignedTree = { settled: 0, differing: new Set(), contradicted: [] }

/** What the next append would build on. */
function isHeadOf({ count, lastHash }: DatabaseHead, last: LastRow): boolean {
  return count === last.seq && lastHash === last.hash
}

function readRows(database: SqlDatabase): Iterable<Columns> {
  return rowsByPosition(
    database,
    `SELECT ${POSITION}, ${textOf(database)}, e.event_hash, iif(k.seq IS NULL, NULL, ${KEYS_TEXT})
     FROM flight_event e LEFT JOIN flight_key k USING (seq)`,
  )
}

/** Compares the lookup keys with the events. Events newer than all keys have none yet; a query will add them. */
function createKeyCheck(database: SqlDatabase) {
  const highest = hasLog(database)
    ? Number(database.prepare(`SELECT ${safeInteger('max(seq)')} AS seq FROM flight_key`).get()?.['seq'] ?? 0)
    : 0
  const breaks: Break[] = []
  let lastSeq = 0
  function push({ seq, event, isEmpty }: ExaminedEvent, keys: unknown): void {
    lastSeq = seq
    const isRight = isEmpty
      ? keys === null
      : keys === null
        ? seq > highest
        : event === undefined || keysOf(event) === keys
    if (!isRight) breaks.push({ reason: 'edited_keys', from: seq, to: seq })
  }
  /** Keys of events that are missing from the end say nothing new. */
  function finish(expected: number): Break[] {
    if (highest > Math.max(lastSeq, expected)) breaks.push({ reason: 'edited_keys', from: highest, to: highest })
    return breaks
  }
  return { push, finish }
}

function createViolationCount() {
  const seen = new Set<string>()
  const duplicates: number[] = []
  function push(event: FlightEvent): void {
    if (event.type !== 'security_violation') return
    if (seen.has(event.payload.idempotency_key)) duplicates.push(event.seq)
    seen.add(event.payload.idempotency_key)
  }
  return { push, duplicates }
}

interface Findings extends Pick<VerifyReport, 'breaks' | 'runs' | 'ranges' | 'anchors' | 'objects'> {
  readonly duplicates: readonly number[]
}

function verdictOf({ breaks, runs, duplicates, ranges, anchors, objects }: Findings): VerifyReport['verdict'] {
  const isBroken =
    breaks.length > 0 ||
    duplicates.length > 0 ||
    anchors.some(({ state }) => state === 'damaged' || state === 'other_key') ||
    ranges.some(({ state }) => state === 'missing') ||
    runs.some(({ state }) => state === 'count_mismatch') ||
    (objects !== null && objects.missing.length + objects.edited.length > 0)
  if (isBroken) return 'broken'
  if (runs.some(({ state }) => state !== 'complete')) return 'incomplete'
  return ranges.some(({ state }) => state === 'unanchored') ? 'unanchored' : 'intact'
}

/** One view of the database for all reads, however long they take; other writers are not held up. */
function readingOnce<T>(database: SqlDatabase, work: () => T): T {
  if (database.isTransaction) return work()
  database.exec('BEGIN')
  try {
    return work()
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}
