import { hash } from 'node:crypto'

import type { BundleHead } from '@ctxlock/contracts/evidence-bundle'

import { isConsistent } from '../tree/proofs.ts'
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts'
import { openNote, parseVerifierKey, type NoteVerifier } from '../checkpoint/signed-note.ts'
import type { BundleProblem } from './bundle-problem.ts'
import { checkContents, type CheckedContents } from './check-contents.ts'
import { checkEvents, type CheckedEvents } from './check-events.ts'
import { linesOf, type LineOf } from './lines-of.ts'
import { compareKept, type KeptRoot } from './kept-roots.ts'
import { readLines, type ReadLine } from './read-lines.ts'
import { sealedText } from './seal.ts'

/** Largest file that is looked at. */
export const MAX_BUNDLE_BYTES = 536_870_912
const MAX_PROBLEMS = 100

export interface CheckedBundle extends CheckedContents {
  /** True when nothing in the file contradicts the key and no kept checkpoint contradicts the file. */
  readonly ok: boolean
  /** In the order of lines; at most 100. */
  readonly problems: readonly BundleProblem[]
  readonly head: BundleHead | undefined
  /** The last one, when it is signed with the key. */
  readonly checkpoint: Checkpoint | undefined
  readonly kept: readonly KeptRoot[]
  readonly events: CheckedEvents['counts']
  /** Whether each part of the run has its beginning and end; empty when the events are left out. */
  readonly runs: CheckedEvents['runs']
}

/**
 * Checks a bundle with nothing but the public key of the log; every byte of the file is untrusted. `kept` are checkpoints that were
 * kept elsewhere. What a result of `ok` shows, and what not, stands in the notes of every bundle.
 */
export function checkBundle(file: Uint8Array, publicKey: string, kept: readonly string[] = []): CheckedBundle {
  const verifier = parseVerifierKey(publicKey)
  if (!verifier) return refused('key_invalid')
  if (file.length > MAX_BUNDLE_BYTES) return refused('too_large')

  const problems: BundleProblem[] = []
  const lines = readLines(file, problems)
  const head = linesOf(lines, 'bundle')[0]?.record
  if (head && head.public_key !== publicKey.trim()) problems.push({ line: 1, problem: 'other_key' })
  checkNumbers(head, lines, problems)
  checkSeal(file, lines, verifier, problems)
  const checkpoints = checkCheckpoints(linesOf(lines, 'checkpoint'), verifier, problems)
  const checkpoint = checkpoints.at(-1)
  const events = checkEvents(linesOf(lines, 'event'), head, checkpoint, problems)
  const contents = checkContents(lines, head, events, problems)
  const compared = kept.map((note) => compareKept(note, verifier, checkpoints))
  return {
    ok: problems.length === 0 && !compared.some(({ state }) => state === 'contradicts' || state === 'damaged'),
    problems: problems.toSorted((left, right) => left.line - right.line).slice(0, MAX_PROBLEMS),
    head,
    checkpoint,
    kept: compared,
    events: events.counts,
    runs: events.runs,
    ...contents,
  }
}

function refused(problem: BundleProblem['problem']): CheckedBundle {
  return {
    ok: false,
    problems: [{ line: 1, problem }],
    head: undefined,
    checkpoint: undefined,
    kept: [],
    events: { whole: 0, withoutNames: 0, hashOnly: 0, erased: 0 },
    runs: [],
    objects: { whole: 0, leftOut: 0 },
    receipts: 0,
  }
}

function checkNumbers(head: BundleHead | undefined, lines: readonly ReadLine[], problems: BundleProblem[]): void {
  if (!head) {
    problems.push({ line: 1, problem: 'line_out_of_place' })
    return
  }
  for (const kind of ['checkpoint', 'event', 'object', 'receipt'] as const) {
    const own = linesOf(lines, kind)
    if (own.length !== head.lines[kind])
      problems.push({ line: own.at(-1)?.line ?? 1, problem: 'lines_missing_or_added' })
  }
}

function checkSeal(
  file: Uint8Array,
  lines: readonly ReadLine[],
  verifier: NoteVerifier,
  problems: BundleProblem[],
): void {
  const last = lines.at(-1)
  if (last?.record.kind !== 'seal') {
    problems.push({ line: (last?.line ?? 0) + 1, problem: 'seal_missing' })
    return
  }
  const { line, start, record } = last
  const opened = openNote(record.note, verifier)
  if (opened.state === 'other_key') problems.push({ line, problem: 'other_key' })
  else if (opened.state === 'damaged' || opened.text !== sealedText(line - 1, hash('sha256', file.subarray(0, start))))
    problems.push({ line, problem: 'changed_after_sealing' })
}

/** The signed roots, each shown to be an earlier state of the last one. */
function checkCheckpoints(
  lines: readonly LineOf<'checkpoint'>[],
  verifier: NoteVerifier,
  problems: BundleProblem[],
): Checkpoint[] {
  const opened = lines.map(({ line, record }) => ({ line, record, ...openCheckpoint(record.note, verifier) }))
  const newest = opened.at(-1)
  const signed: Checkpoint[] = []
  for (const each of opened) {
    const { line, record, state } = each
    if (each.state !== 'signed')
      problems.push({ line, problem: state === 'other_key' ? 'other_key' : 'checkpoint_damaged' })
    else if (newest?.state !== 'signed') continue
    else if (isConsistent(each.checkpoint, newest.checkpoint, record.consistency)) signed.push(each.checkpoint)
    else problems.push({ line, problem: 'checkpoint_inconsistent' })
  }
  if (!newest) problems.push({ line: 2, problem: 'lines_missing_or_added' })
  return newest?.state === 'signed' ? signed : []
}
