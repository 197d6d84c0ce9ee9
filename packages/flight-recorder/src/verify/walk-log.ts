import { artifactReferences } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import type { NoteVerifier } from '../checkpoint/signed-note.ts'
import { KEYS_TEXT } from '../event-keys.ts'
import { GENESIS_HASH, checkLogVersion, hasLog, headReader } from '../log-tables.ts'
import type { DatabaseHead } from '../log-tables.ts'
import { POSITION, rowsByPosition } from '../rows-by-position.ts'
import type { Columns } from '../rows-by-position.ts'
import { safeInteger } from '../safe-integer.ts'
import { textOf } from '../segment/segment-files.ts'
import type { TreeRoot } from '../tree/proofs.ts'
import { checkStoredCheckpoints } from './anchors.ts'
import type { checkAnchors } from './anchors.ts'
import { createChainWalk } from './chain.ts'
import type { LastRow } from './chain.ts'
import { createErasureCheck } from './erasures.ts'
import { examineEvent } from './examined-event.ts'
import type { ExaminedEvent } from './examined-event.ts'
import { createKeyCheck } from './keys.ts'
import type { LastNamed } from './objects.ts'
import { rangesOf } from './ranges.ts'
import type { Break, ErasureReport, Range, RunReport } from './report.ts'
import { createRunCount } from './runs.ts'
import { claimSignedTree, findSignedTree } from './signed-tree.ts'
import type { SignedTree } from './signed-tree.ts'
import { createViolationCount } from './violations.ts'

/** What the rows of a log say, beside what was signed. */
export interface LogWalk {
  readonly events: number
  /** In order. */
  readonly breaks: readonly Break[]
  readonly ranges: readonly Range[]
  readonly runs: readonly RunReport[]
  /** Positions of violations that stand in the log already. */
  readonly duplicates: readonly number[]
  readonly erasures: ErasureReport
  /** Objects, by the events that need them; none when nobody looks at objects. */
  readonly referenced: LastNamed
  /** Objects that may be gone, by the orders that say so. */
  readonly erasedObjects: LastNamed
}

interface WalkOptions {
  readonly database: SqlDatabase
  readonly anchors: ReturnType<typeof checkAnchors>
  readonly verifier: NoteVerifier | undefined
  readonly looksAtObjects: boolean
}

/** Reads every row once, or twice where a signed root does not hold. Code: HSK-409-LOG-VERSION. */
export function walkLog(options: WalkOptions): LogWalk {
  return readingOnce(options.database, () => walkOpened(options))
}

function walkOpened({ database, anchors, verifier, looksAtObjects }: WalkOptions): LogWalk {
  checkLogVersion(database)
  const isBegun = hasLog(database)
  const head = isBegun ? headReader(database, safeInteger('count'))() : EMPTY_HEAD
  const stored = isBegun ? checkStoredCheckpoints(database, verifier) : { signed: [], breaks: [] }
  const trees = [...anchors.signed, ...stored.signed]
  const log = { database, isBegun, head, stored, trees, anchors, verifier, looksAtObjects }
  if (!isBegun) return walkRows(log, NOTHING_SIGNED)
  return walkAsSigned(log) ?? walkRows(log, findSignedTree(database, trees))
}

interface OpenedLog extends WalkOptions {
  readonly isBegun: boolean
  readonly head: DatabaseHead
  readonly stored: ReturnType<typeof checkStoredCheckpoints>
  readonly trees: readonly TreeRoot[]
}

/** One look at each row is enough where every signed root holds. Undefined where one does not: then the tree has to be found first. */
function walkAsSigned(log: OpenedLog): LogWalk | undefined {
  const { claim, push, isConfirmed } = claimSignedTree(log.trees)
  const found = walkRows(log, claim, push)
  return isConfirmed() ? found : undefined
}

function walkRows(
  { database, isBegun, head, stored, trees, anchors, verifier, looksAtObjects }: OpenedLog,
  signed: SignedTree,
  onRow?: (event: ExaminedEvent) => void,
): LogWalk {
  const isSettled = (seq: number) => seq > 0 && seq <= signed.settled && !signed.differing.has(seq)
  const chain = createChainWalk(head, signed)
  const runs = createRunCount()
  const erasures = createErasureCheck((seq) => verifier === undefined || isSettled(seq))
  const violations = createViolationCount()
  const keys = createKeyCheck(database)
  const referenced = new Map<string, number>()
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
    if (looksAtObjects) for (const hash of artifactReferences(examined.event)) referenced.set(hash, seq)
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
    erasures: found.report,
    erasedObjects: found.objects,
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
