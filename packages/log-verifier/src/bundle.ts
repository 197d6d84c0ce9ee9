import { fromBase64, fromHex, toBase64, utf8 } from './bytes.ts'
import { coverOf, positionsOf } from './cover.ts'
import { isCanonical, isObject, readEvent } from './event-text.ts'
import type { EventText } from './event-text.ts'
import { readCheckpoint, readKey, readNote } from './signed-note.ts'
import type { LogKey } from './signed-note.ts'
import { hashOfText, leadsOn, rootByProof, sha256 } from './tree-path.ts'
import type { SignedTree } from './tree-path.ts'

export interface BundleJudgement {
  readonly holds: boolean
  /** What is wrong, each with the line of the file it is about, counted from 1. */
  readonly problems: readonly string[]
  readonly run: string | undefined
  /** Whether each part of the run has its end, or lost it by order: else it was interrupted, goes on, or was cut. `untold` where a redaction left it out. */
  readonly state: 'complete' | 'incomplete' | 'untold'
  /** Events that stand in the signed log at the places the file says. */
  readonly proved: number
  /** Of the newest signed tree. */
  readonly size: number | undefined
}

type Line = Record<string, unknown>
type Against = (line: number, what: string) => void
const ORDER = ['bundle', 'checkpoint', 'event', 'object', 'receipt', 'seal']

/** Judges an evidence bundle by the public key of its log. What events mean is not read. Throws for a key that is none. */
export async function judgeBundle(file: Uint8Array<ArrayBuffer>, keyText: string): Promise<BundleJudgement> {
  const key = await readKey(keyText)
  const problems: string[] = []
  const against: Against = (line, what) => void problems.push(`line ${line}: ${what}`)

  const texts = new TextDecoder('utf-8', { ignoreBOM: true }).decode(file).split('\n')
  if (texts.pop() !== '') against(texts.length + 1, 'does not end')
  const lines = texts.map((text, at) => lineIn(text, at + 1, against))
  const head = lines[0] ?? {}
  judgeOrder(lines, against)
  if (head['public_key'] !== keyText.trim()) against(1, 'names another key')
  await judgeSeal(file, texts, lines, key, against)

  const tree = await judgeCheckpoints(lines, key, against)
  const proved = tree ? await judgePlaces(lines, tree, against) : 0
  await judgeTexts(lines, head, against)
  const state = judgeNumbers(lines, head, against)
  for (const [at, { kind, bytes, content_hash: hash }] of lines.entries()) {
    const isOther = kind === 'object' && typeof bytes === 'string' && (await sha256(fromBase64(bytes))) !== hash
    if (isOther) against(at + 1, 'is another object')
  }
  const run = typeof head['run_id'] === 'string' ? head['run_id'] : undefined
  return { holds: problems.length === 0, problems, run, state, proved, size: tree?.size }
}

function lineIn(text: string, line: number, against: Against): Line {
  const value: unknown = isCanonical(text) ? JSON.parse(text) : undefined
  if (isObject(value)) return value
  against(line, 'is not one canonical object')
  return {}
}

function judgeOrder(lines: readonly Line[], against: Against): void {
  const places = lines.map(({ kind }) => ORDER.indexOf(textIn(kind)))
  for (const [at, place] of places.entries()) {
    const isInPlace = at === 0 ? place === 0 : at === lines.length - 1 ? place === 5 : place > 0 && place < 5
    if (!isInPlace || place < (places[at - 1] ?? 0)) against(at + 1, 'stands at a wrong place')
  }
  const promised = isObject(lines[0]?.['lines']) ? lines[0]['lines'] : {}
  for (const kind of ORDER.slice(1, 5)) {
    const there = lines.filter((line) => line['kind'] === kind).length
    if (promised[kind] !== there) against(1, `promises another number of lines of kind ${kind}`)
  }
}

async function judgeSeal(
  file: Uint8Array<ArrayBuffer>,
  texts: readonly string[],
  lines: readonly Line[],
  key: LogKey,
  against: Against,
): Promise<void> {
  // The bytes themselves, not what was read from them: other bytes may read as the same text.
  const sealed = file.slice(0, file.length - utf8(`${texts.at(-1)}\n`).length)
  const note = await readNote(textIn(lines.at(-1)?.['note']), key)
  const hash = toBase64(fromHex(await sha256(sealed)))
  const isFitting = note.state === 'signed' && note.body === `ctxlock.evidence_bundle@1\n${lines.length - 1}\n${hash}\n`
  if (!isFitting) against(lines.length, 'does not seal the lines before it')
}

/** The newest signed tree; undefined when there is none. */
async function judgeCheckpoints(
  lines: readonly Line[],
  key: LogKey,
  against: Against,
): Promise<SignedTree | undefined> {
  const own = lines.flatMap((line, at) => (line['kind'] === 'checkpoint' ? [{ line, at }] : []))
  const read = await Promise.all(own.map(({ line }) => readCheckpoint(textIn(line['note']), key)))
  const newest = read.at(-1)
  for (const [index, { line, at }] of own.entries()) {
    const one = read[index]
    const leads =
      one?.state === 'signed' &&
      newest?.state === 'signed' &&
      (await leadsOn(one, newest, hashesIn(line['consistency'])))
    if (!leads) against(at + 1, 'is no signed state of the same log')
  }
  if (newest?.state === 'signed') return newest
  against(1, 'no signed checkpoint follows')
  return undefined
}

/** How many events are proved to stand at their places in the tree. */
async function judgePlaces(lines: readonly Line[], { size, root }: SignedTree, against: Against): Promise<number> {
  let [before, proved] = [0, 0]
  for (const [at, { kind, seq, event_hash: hash, inclusion }] of lines.entries()) {
    if (kind !== 'event') continue
    const isNext = typeof seq === 'number' && Number.isSafeInteger(seq) && seq > before && seq <= size
    const isProved = isNext && (await rootByProof(textIn(hash), seq - 1, size, hashesIn(inclusion))) === root
    if (isProved) proved += 1
    else against(at + 1, 'is not proved to stand at its place')
    if (isNext) before = seq
  }
  return proved
}

async function judgeTexts(lines: readonly Line[], head: Line, against: Against): Promise<void> {
  for (const [at, { kind, seq, event: text, event_hash: hash, left_out: leftOut }] of lines.entries()) {
    if (kind !== 'event') continue
    if (leftOut !== 'erased' && (typeof text === 'string' ? 'none' : leftOut) !== head['redaction'])
      against(at + 1, 'is redacted otherwise')
    if (typeof text !== 'string') continue
    const isIt = (await hashOfText(text)) === hash && isCanonical(text) && readEvent(text)?.seq === seq
    if (!isIt) against(at + 1, 'has another text than was hashed')
  }
}

/** Compares the number of events of each part of the run, with those erased by an order, with the one its end promises. */
function judgeNumbers(lines: readonly Line[], head: Line, against: Against): BundleJudgement['state'] {
  const own = new Set<unknown>(Array.isArray(head['recorded_as']) ? head['recorded_as'] : [])
  const told = lines.flatMap((line, at) => {
    const event = line['kind'] === 'event' ? toldBy(line) : undefined
    return event ? [{ event, at }] : []
  })
  const erased = lines.flatMap(({ kind, left_out: leftOut, seq }, at) =>
    kind === 'event' && leftOut === 'erased' ? [{ seq: typeof seq === 'number' ? seq : 0, at }] : [],
  )
  const isErased = coverOf(positionsOf(erased.map(({ seq }) => seq)))
  const orders = told.flatMap(({ event }) =>
    event.type === 'erasure_ordered' && event.erases.every(isErased) ? [event] : [],
  )
  const isOrdered = coverOf(orders.flatMap(({ erases }) => erases))
  for (const { seq, at } of told.length > 0 ? erased : [])
    if (!isOrdered({ from: seq, to: seq })) against(at + 1, 'is gone, and no order erased it')
  for (const { event, at } of told)
    if (event.type !== 'erasure_ordered' && !own.has(event.run)) against(at + 1, 'is of another run')
  const ofRuns: ReadonlyMap<unknown, typeof told> = Map.groupBy(told, ({ event }) => event.run)
  const goneOfRuns: ReadonlyMap<unknown, EventText['erasesOfRuns']> = Map.groupBy(
    orders.flatMap(({ erasesOfRuns }) => erasesOfRuns),
    ({ run }) => run,
  )
  let hasEnds = true
  for (const run of own) {
    const events = ofRuns.get(run) ?? []
    const gone = goneOfRuns.get(run) ?? []
    const end = events.findLast(({ event }) => event.type === 'run_end')
    const promised = gone.reduce((sum, one) => sum + one.events, events.length)
    if (end && (end.event.expected !== promised || events.at(-1) !== end))
      against(end.at + 1, 'promises another number of events')
    if (!end && gone.length === 0) hasEnds = false
  }
  if (told.length === 0) return 'untold'
  return hasEnds ? 'complete' : 'incomplete'
}

function toldBy({ event: text, shown }: Line): EventText | undefined {
  return typeof text === 'string' ? readEvent(text) : isObject(shown) ? readEvent(JSON.stringify(shown)) : undefined
}

function hashesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textIn) : ['']
}

/** Nothing for what is no text: an object of the file may hold a `toString` that is none. */
function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
