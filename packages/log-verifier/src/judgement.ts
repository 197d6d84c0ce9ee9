import { judgeErasures } from './erasures.ts'
import { isCanonical, readEvent } from './event-text.ts'
import type { EventText } from './event-text.ts'
import { hashOfText, leafOf, treeOver } from './merkle-tree.ts'
import { judgeRuns } from './runs.ts'
import type { RunJudgement } from './runs.ts'
import { readCheckpoint, readKey } from './signed-note.ts'
import type { StoredRecord } from './stored-record.ts'

export interface Stretch {
  readonly state: 'intact' | 'unanchored' | 'erased' | 'broken' | 'missing'
  readonly from: number
  readonly to: number
}

export interface Judgement {
  readonly verdict: 'intact' | 'unanchored' | 'incomplete' | 'broken'
  readonly ranges: readonly Stretch[]
  /** What is wrong beside the events: the head, a checkpoint, an anchor, a promised number of events. */
  readonly problems: readonly string[]
  readonly runs: readonly RunJudgement[]
  /** Events whose text was erased as an order of the log says: their leaf stands, what they said nobody can verify. */
  readonly erased: number
}

const HASH = /^[0-9a-f]{64}$/
const BEFORE_FIRST = '0'.repeat(64)

/** Judges a record by the public key of the log and what anchors outside it keep. The rules are in the README. */
export async function judgeRecord(
  record: StoredRecord,
  keyText: string | undefined,
  kept: readonly string[],
): Promise<Judgement> {
  const key = keyText === undefined ? undefined : await readKey(keyText)
  const anchors = await Promise.all(kept.map((note) => readCheckpoint(note, key)))
  const stored = await Promise.all(
    record.checkpoints.map(async ({ size, note }) => ({ at: size, checkpoint: await readCheckpoint(note, key) })),
  )
  const signed = [...anchors, ...stored.map(({ checkpoint }) => checkpoint)].flatMap((one) =>
    one.state === 'signed' ? [one] : [],
  )
  const known = knownLeaves(record, signed)
  const events = new Map(record.rows.map(({ seq, text }) => [seq, text === undefined ? undefined : readEvent(text)]))
  const last = largest(record.rows.map(({ seq }) => seq))
  const whole = wholeRows(record, events, known)
  const bad = accused(record, events, whole, known.upTo)
  const { erased, taken, ofRuns } = judgeErasures(
    record.rows,
    events,
    (seq) => whole.has(seq) && (key === undefined || seq <= known.upTo),
  )

  const anchored = largest(
    anchors.flatMap((one) =>
      one.state === 'signed' && one.size <= known.upTo && !known.against.includes(one.size) ? [one.size] : [],
    ),
  )
  const unexplained = largest(known.against.filter((size) => size > known.upTo))
  const stateAt = (position: number): Stretch['state'] => {
    const isOdd = !whole.has(position) || bad.has(position) || taken.has(position)
    if (isOdd || (position > known.upTo && position <= unexplained)) return 'broken'
    return erased.has(position) ? 'erased' : position <= anchored ? 'intact' : 'unanchored'
  }
  const sizes = anchors.flatMap((one) => (one.state === 'damaged' ? [] : [one.size]))
  const ranges = stretches(record, stateAt, largest([record.head.count, ...sizes, ...signed.map(({ size }) => size)]))

  const runs = judgeRuns([...events.values()], ofRuns)
  const problems = [
    ...anchors.flatMap(({ state }) => (state === 'damaged' || (state === 'foreign' && key) ? ['an anchor'] : [])),
    ...stored.flatMap(({ at, checkpoint }) =>
      checkpoint.state === 'damaged' || checkpoint.size !== at ? [`the checkpoint at ${at}`] : [],
    ),
    ...known.against.map((size) => `the signed root of ${size} events`),
    ...(record.oddSegments ?? []).map((name) => `the segment ${name}`),
    ...(areInOrder(record.rows) ? [] : ['a row before the first event, or two at one place']),
    ...(headFits(record, last) ? [] : ['the head']),
    ...(hasRepeatedViolation([...events.values()]) ? ['a violation that is there twice'] : []),
    ...runs.flatMap(({ run, state }) => (state === 'count_mismatch' ? [`the number of events of ${run}`] : [])),
  ]
  return { verdict: verdictOf(ranges, problems, runs), ranges, problems, runs, erased: erased.size }
}

/** The leaves that lead to the largest signed tree that any leaves lead to: those of the rows, else those of the tiles. */
function knownLeaves({ rows, tileLeaves }: StoredRecord, signed: readonly { size: number; root: string }[]) {
  const rowLeaves: string[] = []
  for (const { seq, hash } of rows) {
    if (seq !== rowLeaves.length + 1 || !HASH.test(hash)) break
    rowLeaves.push(leafOf(hash))
  }
  const [fromRows, fromTiles] = [rowLeaves, tileLeaves].map((leaves) => {
    const tree = treeOver(leaves)
    const reached = signed.filter(({ size }) => size <= tree.size)
    const fits = ({ size, root }: (typeof signed)[number]) => tree.root(size) === root
    const against = reached.filter((one) => !fits(one)).map(({ size }) => size)
    return { leaves, upTo: largest(reached.filter(fits).map(({ size }) => size)), against }
  })
  if (!fromRows || !fromTiles) throw new Error('Two trees have two results.')
  return fromTiles.upTo > fromRows.upTo ? fromTiles : fromRows
}

type Known = ReturnType<typeof knownLeaves>
type Events = ReadonlyMap<number, EventText | undefined>

/** Rows that are what their position asks for, their neighbours left aside: position and hash. */
function wholeRows({ rows, head }: StoredRecord, events: Events, known: Known): ReadonlyMap<number, string> {
  const whole = new Map<number, string>()
  for (const { seq, text, hash } of rows) {
    const isItself =
      HASH.test(hash) &&
      (text === undefined || (text.isWellFormed() && hashOfText(text) === hash && events.get(seq)?.seq === seq))
    const isExpected =
      seq <= known.upTo
        ? known.leaves[seq - 1] === leafOf(hash)
        : seq <= head.count && (text === undefined || isCanonical(text))
    if (isItself && isExpected) whole.set(seq, hash)
  }
  return whole
}

/** Positions behind the last signed one that broken links speak against. */
function accused({ head }: StoredRecord, events: Events, whole: ReadonlyMap<number, string>, signedUpTo: number) {
  const hashAt = (position: number) => (position === 0 ? BEFORE_FIRST : whole.get(position))
  const isBroken = (link: number): boolean => {
    const hash = hashAt(link)
    if (hash === undefined || link < signedUpTo) return false
    // One without a text says nothing of its predecessor.
    const next = events.get(link + 1)
    if (whole.has(link + 1)) return next !== undefined && next.prevHash !== hash
    return link > signedUpTo && link === head.count && !events.has(link + 1) && head.lastHash !== hash
  }
  const bad = new Set<number>()
  for (const link of [0, ...whole.keys()]) {
    if (!isBroken(link)) continue
    if (isBroken(link - 1)) bad.add(link)
    else if (!isBroken(link + 1)) bad.add(link === signedUpTo ? link + 1 : link)
  }
  return bad
}

function areInOrder(rows: StoredRecord['rows']): boolean {
  return rows.every(({ seq }, at) => seq > (rows[at - 1]?.seq ?? 0))
}

function headFits({ rows, head }: StoredRecord, last: number): boolean {
  const lastHash = rows.at(-1)?.hash ?? BEFORE_FIRST
  return head.count === last && head.lastHash === lastHash
}

function hasRepeatedViolation(events: readonly (EventText | undefined)[]): boolean {
  const keys = events.flatMap((event) => (event?.violation === undefined ? [] : [event.violation]))
  return new Set(keys).size < keys.length
}

/** The rows and what is between them; behind the last one all is missing, as much as anything says there should be. */
function stretches(
  { rows }: StoredRecord,
  stateAt: (position: number) => Stretch['state'],
  expected: number,
): Stretch[] {
  const found: Stretch[] = []
  const add = (state: Stretch['state'], from: number, to: number) => {
    const before = found.at(-1)
    if (from > to) return
    if (before?.state === state) found[found.length - 1] = { ...before, to }
    else found.push({ state, from, to })
  }
  let next = 1
  for (const { seq } of rows) {
    if (!(seq >= next)) continue
    add('broken', next, seq - 1)
    add(stateAt(seq), seq, seq)
    next = seq + 1
  }
  add('missing', next, expected)
  return found
}

function verdictOf(
  ranges: readonly Stretch[],
  problems: readonly string[],
  runs: readonly RunJudgement[],
): Judgement['verdict'] {
  if (problems.length > 0 || ranges.some(({ state }) => state === 'broken' || state === 'missing')) return 'broken'
  if (runs.some(({ state }) => state !== 'complete')) return 'incomplete'
  return ranges.some(({ state }) => state === 'unanchored') ? 'unanchored' : 'intact'
}

/** 0 of none. There may be as many as somebody put into the file, so they are no arguments of one call. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((found, number) => (number > found ? number : found), 0)
}
