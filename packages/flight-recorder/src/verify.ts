import { artifactReferences } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { KEYS } from './event-keys.ts'
import { readAnchoredHead } from './log-head.ts'
import type { AnchoredHead, HeadSink } from './log-head.ts'
import { GENESIS_HASH, hasLog, headReader } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'
import { createChainWalk } from './verify/chain.ts'
import { examineEvent, keysMatch } from './verify/examined-event.ts'
import type { ExaminedEvent } from './verify/examined-event.ts'
import { checkObjects } from './verify/objects.ts'
import type { VerifiableObjects } from './verify/objects.ts'
import { rangesOf } from './verify/ranges.ts'
import type { Break, VerifyReport } from './verify/report.ts'
import { createRunCount } from './verify/runs.ts'

const MAX_LISTED_BREAKS = 1000

export interface VerifyOptions {
  readonly database: SqlDatabase
  /** The head beside the database; without it nothing confirms the newest events. */
  readonly headSink?: HeadSink
  /** The object store, to look at every stored object too. */
  readonly objects?: VerifiableObjects
}

/**
 * Reads the whole log and says what was changed, removed or added, which runs have no end, and which objects are missing or
 * edited (REC-008). Writes nothing. Finding something wrong is a report; HSK-500-DB means that it could not look.
 */
export function verifyLog({ database, headSink, objects }: VerifyOptions): VerifyReport {
  // Before the events: another process may append and anchor while we read, and must not look like a missing tail.
  const anchor = readAnchoredHead(headSink)
  const log = onDatabase('Verifying the log', () => readingOnce(database, () => walkLog(database, anchor)))
  const objectReport = objects ? checkObjects(objects, log.referenced) : null

  const { breaks, runs, duplicates, ranges } = log
  return {
    verdict: verdictOf({ breaks, runs, duplicates, ranges, anchor, objects: objectReport }),
    events: log.events,
    anchor,
    ranges,
    breaks: breaks.slice(0, MAX_LISTED_BREAKS),
    breaks_total: breaks.length,
    runs,
    objects: objectReport,
    duplicate_violations: duplicates,
  }
}

function walkLog(database: SqlDatabase, anchor: AnchoredHead) {
  const head = hasLog(database) ? headReader(database)() : { count: 0, lastHash: GENESIS_HASH }
  const chain = createChainWalk(head)
  const runs = createRunCount()
  const violations = createViolationCount()
  const keys = createKeyCheck(database)
  const referenced = new Set<string>()
  const anchoredCount = anchor.state === 'present' ? anchor.head.count : 0
  let anchorHolds = anchoredCount === 0
  let events = 0

  for (const row of hasLog(database) ? readRows(database) : []) {
    const examined = examineEvent(Number(row['seq']), row['event'], row['event_hash'])
    chain.push(examined)
    keys.push(examined, row)
    events += 1
    if (anchor.state === 'present' && examined.seq === anchoredCount)
      anchorHolds = examined.hash === anchor.head.last_hash
    if (!examined.event) continue
    runs.push(examined.event)
    violations.push(examined.event)
    for (const hash of artifactReferences(examined.event)) referenced.add(hash)
  }

  const lastSeq = chain.lastSeq()
  const breaks = [...chain.finish(), ...keys.finish()]
  const isNamed = breaks.some(
    ({ reason, from, to }) => reason !== 'edited_keys' && from <= anchoredCount && anchoredCount <= to,
  )
  if (!anchorHolds && !isNamed && anchoredCount <= lastSeq) {
    breaks.push({ reason: 'anchor_mismatch', from: anchoredCount, to: anchoredCount })
  }
  breaks.sort((a, b) => a.from - b.from || a.to - b.to)
  const ranges = rangesOf({
    breaks,
    lastSeq,
    headCount: head.count,
    anchoredCount: anchorHolds ? anchoredCount : 0,
    namedCount: anchoredCount,
  })
  return { events, breaks, ranges, referenced, runs: runs.finish(), duplicates: violations.duplicates }
}

function readRows(database: SqlDatabase): Iterable<Record<string, unknown>> {
  const keys = Object.keys(KEYS).map((key) => `k.${key}`)
  return database
    .prepare(
      `SELECT e.seq, e.event, e.event_hash, k.seq AS key_seq, k.at, ${keys.join(', ')}
       FROM flight_event e LEFT JOIN flight_key k USING (seq) ORDER BY e.seq`,
    )
    .iterate()
}

/** Compares the lookup keys with the events. Events newer than all keys have none yet; a query will add them. */
function createKeyCheck(database: SqlDatabase) {
  const highest = hasLog(database)
    ? Number(database.prepare('SELECT max(seq) AS seq FROM flight_key').get()?.['seq'] ?? 0)
    : 0
  const breaks: Break[] = []
  let lastSeq = 0
  function push({ seq, event }: ExaminedEvent, row: Record<string, unknown>): void {
    lastSeq = seq
    const isRight = row['key_seq'] === null ? seq > highest : event === undefined || keysMatch(event, row)
    if (!isRight) breaks.push({ reason: 'edited_keys', from: seq, to: seq })
  }
  function finish(): Break[] {
    if (highest > lastSeq) breaks.push({ reason: 'edited_keys', from: highest, to: highest })
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

interface Findings extends Pick<VerifyReport, 'breaks' | 'runs' | 'ranges' | 'anchor' | 'objects'> {
  readonly duplicates: readonly number[]
}

function verdictOf({ breaks, runs, duplicates, ranges, anchor, objects }: Findings): VerifyReport['verdict'] {
  const isBroken =
    breaks.length > 0 ||
    duplicates.length > 0 ||
    anchor.state === 'damaged' ||
    ranges.some(({ state }) => state === 'missing') ||
    runs.some(({ state }) => state === 'count_mismatch') ||
    (objects !== null && objects.missing.length + objects.edited.length > 0)
  if (isBroken) return 'broken'
  if (runs.some(({ state }) => state !== 'complete')) return 'incomplete'
  return ranges.every(({ state }) => state === 'intact') ? 'intact' : 'unanchored'
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
