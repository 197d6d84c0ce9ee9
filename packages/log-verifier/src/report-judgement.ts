import { isCanonical, readEvent } from './event-text.ts'
import type { EventText } from './event-text.ts'
import { parseStatement } from './report-file.ts'
import type { ReportFile, ReportStatement, ReportedEvent } from './report-file.ts'
import { isOrder, judgeReportedErasures, judgeReportedRuns, runProblems } from './reported-runs.ts'
import type { ReportedRun } from './reported-runs.ts'
import { readCheckpoint, readKey, readNote } from './signed-note.ts'
import type { Checkpoint, LogKey } from './signed-note.ts'
import { base64HashOf, hashOfText, rootByProof } from './tree-path.ts'

/** What a reader knows that does not come from the file. */
export interface ReaderKnowledge {
  /** The public key of the log. */
  readonly key?: string
  /** A checkpoint of the log that somebody else kept. */
  readonly checkpoint?: string
}

export interface ReportJudgement {
  /**
   * `broken`: something in the file was changed, or contradicts what the reader knows. `unsigned`: nothing confirms any of it.
   * `whole`: its parts fit together and the key that came with it, which anybody can make. `signed`: they fit the reader's key;
   * whoever has the private one could have written another log. `verified`: they also lead to a checkpoint from elsewhere.
   * The last three are said of the events up to the checkpoint only.
   */
  readonly verdict: 'broken' | 'unsigned' | 'whole' | 'signed' | 'verified'
  readonly keyFrom: 'reader' | 'file' | 'nobody'
  readonly checkpoint: Checkpoint | { readonly state: 'absent' }
  /** How the checkpoint compares with the reader's; one of another size cannot be compared here. */
  readonly anchor: 'not_given' | 'same' | 'other_size' | 'other_tree' | 'damaged' | 'other_key'
  readonly events: readonly EventJudgement[]
  readonly records: readonly RecordJudgement[]
  readonly runs: readonly ReportedRun[]
  readonly statement: { readonly state: 'signed' | 'unsigned' | 'damaged'; readonly value: ReportStatement | undefined }
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[]
}

export interface EventJudgement {
  readonly seq: number
  readonly hash: string
  /** `in_tree`: its proof leads to the checkpoint. `erased`: so does the hash of its text, which is gone. `uncovered`: behind the checkpoint. */
  readonly state: 'in_tree' | 'erased' | 'uncovered' | 'broken'
  readonly text: string | null
}

export interface RecordJudgement {
  readonly hash: string
  /** `named`: an event in the tree names this hash. */
  readonly state: 'named' | 'broken'
  readonly text: string
}

/** The first line of what a writer signs under a report; no checkpoint begins so. */
export const STATEMENT_LINE = 'ctxlock report statement v1'

/** Judges a report by itself and by what its reader knows. Throws for a reader's key that is none; nothing in the file can make it throw. */
export async function judgeReport(file: ReportFile, known: ReaderKnowledge = {}): Promise<ReportJudgement> {
  const key = known.key === undefined ? await keyOfFile(file.public_key) : await readKey(known.key)
  const keyFrom = known.key !== undefined ? 'reader' : key ? 'file' : 'nobody'
  const checkpoint = file.checkpoint === null ? ABSENT : await readCheckpoint(file.checkpoint, key)
  const anchor = await comparedWith(known.checkpoint, checkpoint, key)
  const statement = await judgeStatement(file, key)
  const found = await Promise.all(file.events.map((event) => judgeEvent(event, file.nodes, checkpoint)))
  const texts = new Map(
    found.flatMap(({ seq, state, text }) => (state === 'broken' || text === null ? [] : [[seq, readEvent(text)]])),
  )
  const erasures = judgeReportedErasures(found, texts)
  const events = found.map((event) => (erasures.taken.has(event.seq) ? { ...event, state: 'broken' as const } : event))
  const runs = judgeReportedRuns(statement.value, texts, erasures.ofRuns)
  const records = await judgeRecords(file.records, events)

  const problems = [
    ...keyProblems(file, keyFrom, checkpoint),
    ...(anchor in ANCHOR_PROBLEMS ? [ANCHOR_PROBLEMS[anchor] ?? ''] : []),
    ...fileProblems(file),
    ...events.flatMap(({ seq, state }) =>
      state === 'broken' ? [`Event ${seq} is not what stands in the signed tree, or its text was taken away.`] : [],
    ),
    ...foreignEvents(texts, statement.value),
    ...runs.flatMap(runProblems),
    ...records.flatMap(({ hash, state }) =>
      state === 'broken' ? [`No event names the record ${hash.slice(0, 12)}: it was changed or put in.`] : [],
    ),
    ...(statement.state === 'damaged' ? ['What the writer says beside the log was changed after it was signed.'] : []),
  ]
  const verdict = verdictOf({ problems, checkpoint, events, keyFrom, anchor })
  return { verdict, keyFrom, checkpoint, anchor, events, records, runs, statement, problems }
}

const ABSENT = { state: 'absent' } as const

async function keyOfFile(text: string | null): Promise<LogKey | undefined> {
  return text === null ? undefined : readKey(text).catch(() => undefined)
}

async function comparedWith(
  note: string | undefined,
  own: ReportJudgement['checkpoint'],
  key: LogKey | undefined,
): Promise<ReportJudgement['anchor']> {
  if (note === undefined) return 'not_given'
  const kept = await readCheckpoint(`${note.trimEnd()}\n`, key)
  if (kept.state === 'damaged') return 'damaged'
  if (kept.state === 'foreign') return 'other_key'
  if (own.state !== 'signed' || own.size !== kept.size) return 'other_size'
  return own.root === kept.root ? 'same' : 'other_tree'
}

const ANCHOR_PROBLEMS: Partial<Record<ReportJudgement['anchor'], string>> = {
  other_tree: 'The checkpoint you gave is of another log: as many events, and other ones.',
  damaged: 'The checkpoint you gave is none, or was changed after it was signed.',
  other_key: 'The checkpoint you gave was signed with another key.',
}

async function judgeStatement(file: ReportFile, key: LogKey | undefined): Promise<ReportJudgement['statement']> {
  const value = parseStatement(file.statement)
  if (!value) return { state: 'damaged', value }
  if (file.statement_note === null) return { state: 'unsigned', value }
  const note = await readNote(file.statement_note, key)
  if (note.state === 'damaged') return { state: 'damaged', value }
  const isOfIt = note.body === `${STATEMENT_LINE}\n${await base64HashOf(file.statement)}\n`
  return { state: !isOfIt ? 'damaged' : note.state === 'signed' ? 'signed' : 'unsigned', value }
}

async function judgeEvent(
  { seq, text, hash: kept, proof }: ReportedEvent,
  nodes: readonly string[],
  checkpoint: ReportJudgement['checkpoint'],
): Promise<EventJudgement> {
  const hash = text === null ? (kept ?? '') : await hashOfText(text)
  const judged = (state: EventJudgement['state']): EventJudgement => ({ seq, hash, state, text })
  if (text !== null && !(isCanonical(text) && readEvent(text)?.seq === seq)) return judged('broken')
  const size = 'size' in checkpoint ? checkpoint.size : 0
  if (proof === null) return judged(seq > size ? 'uncovered' : 'broken')
  const siblings = proof.map((at) => nodes[at] ?? '')
  const root = 'root' in checkpoint ? checkpoint.root : undefined
  const isInTree = root !== undefined && (await rootByProof(hash, seq - 1, size, siblings)) === root
  return judged(!isInTree ? 'broken' : text === null ? 'erased' : 'in_tree')
}

async function judgeRecords(texts: readonly string[], events: readonly EventJudgement[]): Promise<RecordJudgement[]> {
  const named = new Set(
    events.flatMap(({ state, text }) => (state === 'broken' ? [] : (text?.match(/"[0-9a-f]{64}"/g) ?? []))),
  )
  return Promise.all(
    texts.map(async (text) => {
      const hash = await hashOfText(text)
      return { hash, text, state: named.has(`"${hash}"`) ? 'named' : 'broken' }
    }),
  )
}

function keyProblems(
  { public_key }: ReportFile,
  keyFrom: ReportJudgement['keyFrom'],
  { state }: { readonly state: string },
): string[] {
  if (state === 'damaged') return ['The checkpoint was changed after it was signed.']
  if (keyFrom === 'reader' && state === 'foreign') return ['The key you gave did not sign this log.']
  if (keyFrom === 'file' && state === 'foreign') return ['The key in the file is not the one that signed the log.']
  return keyFrom === 'nobody' && public_key !== null ? ['The public key in the file is none, or was changed.'] : []
}

function fileProblems({ events, nodes }: ReportFile): string[] {
  const isInOrder = events.every(({ seq }, at) => at === 0 || seq > (events[at - 1]?.seq ?? 0))
  const used = new Set(events.flatMap(({ proof }) => proof ?? []))
  return [
    ...(isInOrder ? [] : ['The events are not in order, or one is there twice.']),
    ...(nodes.every((_, at) => used.has(at)) ? [] : ['The file holds hashes that belong to no proof.']),
  ]
}

function foreignEvents(
  texts: ReadonlyMap<number, EventText | undefined>,
  statement: ReportStatement | undefined,
): string[] {
  const runs = new Set(statement?.runs.map(({ run_id }) => run_id))
  return [...texts].flatMap(([seq, event]) =>
    event && !isOrder(event) && !runs.has(event.run ?? '')
      ? [`Event ${seq} belongs to another run than this report is about.`]
      : [],
  )
}

function verdictOf({
  problems,
  checkpoint,
  events,
  keyFrom,
  anchor,
}: Pick<ReportJudgement, 'problems' | 'checkpoint' | 'events' | 'keyFrom' | 'anchor'>): ReportJudgement['verdict'] {
  if (problems.length > 0) return 'broken'
  if (checkpoint.state !== 'signed' || events.every(({ state }) => state === 'uncovered')) return 'unsigned'
  if (keyFrom !== 'reader') return 'whole'
  return anchor === 'same' ? 'verified' : 'signed'
}
