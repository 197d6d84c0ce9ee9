import type { FileChange } from '@ctxlock/contracts/edits'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { SourceReader } from '@ctxlock/contracts/ports'

import { applyDiff, createWorkBudget, type WorkBudget } from './apply-diff.ts'
import { EDIT_LIMITS } from './edit-format.ts'
import { EditRefused, refuse, type EditRefusal } from './edit-refusal.ts'
import { editPaths, type EditPaths } from './edit-paths.ts'
import { findBlocks } from './find-blocks.ts'
import { parseDiff, type FileDiff } from './parse-diff.ts'
import { asFileText, type WholeFile } from './whole-file.ts'

export interface EditScope {
  readonly files: Pick<MicroTaskDefinition['files'], 'modify' | 'create'>
  /** Files that bind calls as rules, besides those that are protected by their name; no answer edits them. */
  readonly protectedPaths?: ReadonlySet<string>
  /** Reads what the edits are made on; asked only about paths of `files`. */
  readonly reader: Pick<SourceReader, 'read'>
}

export type EditReading =
  | {
      readonly status: 'edits'
      readonly changes: readonly FileChange[]
      readonly repairedHunks: number
      readonly rewritten: readonly string[]
    }
  | { readonly status: 'no_edits' }
  | { readonly status: 'refused'; readonly refusal: EditRefusal }

/** What an answer wants changed, and what is left of it for `parseCompletionSignal`: edits may hold any text, tags included. */
export type ReadEdits = EditReading & { readonly rest: string }

const BYTE_ORDER_MARK = '\uFEFF'

type FileEdit = { readonly diff: FileDiff } | { readonly whole: WholeFile }

/**
 * Reads the edits of an answer (MT-037). The answer is hostile text; one bad edit refuses all of them. Content decides where a hunk
 * belongs: its lines have to stand in the file, and its line numbers are repaired only when there is one such place.
 */
export function readEdits(answer: string, scope: EditScope): ReadEdits {
  let rest = answer
  try {
    if (answer.length > EDIT_LIMITS.answer) throw answerTooLarge(answer.length)
    const found = findBlocks(answer)
    rest = found.rest
    if (found.blocks.length === 0) return { status: 'no_edits', rest }
    const edits = found.blocks.flatMap((block): FileEdit[] =>
      block.kind === 'diff' ? parseDiff(block.lines).map((diff) => ({ diff })) : [{ whole: asFileText(block) }],
    )
    return { status: 'edits', rest, ...changesOf(edits, scope) }
  } catch (error) {
    if (!(error instanceof EditRefused)) throw error
    return { status: 'refused', refusal: error.refusal, rest }
  }
}

function changesOf(edits: readonly FileEdit[], scope: EditScope) {
  const paths = editPaths(scope.files, scope.protectedPaths)
  const budget = createWorkBudget()
  const seen = new Set<string>()
  const rewritten: string[] = []
  let repairedHunks = 0
  const changes = edits.map((edit): FileChange => {
    const { path, kind } = targetOf(edit, paths)
    if (seen.has(path)) throw repeated(path)
    seen.add(path)
    const before = baseText(path, kind, scope.reader)
    if ('whole' in edit && before !== undefined) rewritten.push(path)
    const { text: after, repaired } = textAfter(edit, path, before, budget)
    repairedHunks += repaired
    checkResult(path, before, after)
    return { path, kind, before, after }
  })
  return { changes, repairedHunks, rewritten }
}

function targetOf(edit: FileEdit, paths: EditPaths): Pick<FileChange, 'path' | 'kind'> {
  if ('whole' in edit) return paths.find(edit.whole.path)
  const target = paths.find(...edit.diff.names)
  if (edit.diff.creates && target.kind === 'modify') throw existsAlready(target.path)
  return target
}

function baseText(path: string, kind: FileChange['kind'], reader: EditScope['reader']): string | undefined {
  const read = reader.read(path, { maxBytes: 4 * EDIT_LIMITS.file })
  if (read.status === 'missing') {
    if (kind === 'create') return undefined
    throw refuse('FILE_MISSING', path, {
      expected: 'a file that is there, because the task lists it under modify',
      came: 'no such file',
      next: 'Edit the files the task lists.',
    })
  }
  if (kind === 'create') throw existsAlready(path)
  const text = read.status === 'read' ? decodeSourceText(read.bytes) : undefined
  if (text !== undefined && !text.includes('\0')) return text
  throw refuse('FILE_UNREADABLE', path, {
    expected: 'UTF-8 text',
    came: read.status === 'read' ? 'other bytes' : read.status.replaceAll('_', ' '),
    next: 'A person has to take this file out of the task.',
  })
}

/** The byte order mark of a file stays where the answer does not state it: models leave it out, as they do the CR of a line's end. */
function textAfter(edit: FileEdit, path: string, before: string | undefined, budget: WorkBudget) {
  const mark = before?.startsWith(BYTE_ORDER_MARK) === true && !statesMark(edit) ? BYTE_ORDER_MARK : ''
  const base = before?.slice(mark.length)
  if ('whole' in edit) return { text: mark + edit.whole.textOver(base), repaired: 0 }
  const { text, repaired } = applyDiff(path, base ?? '', edit.diff, budget)
  return { text: mark + text, repaired }
}

function statesMark(edit: FileEdit): boolean {
  if ('whole' in edit) return edit.whole.textOver(undefined).startsWith(BYTE_ORDER_MARK)
  return edit.diff.hunks.some(({ lines }) => lines.some((line) => line.includes(BYTE_ORDER_MARK)))
}

function checkResult(path: string, before: string | undefined, after: string): void {
  if (after.length > EDIT_LIMITS.file)
    throw refuse('EDIT_TOO_LARGE', path, {
      expected: `a file of at most ${EDIT_LIMITS.file} characters`,
      came: `${after.length}`,
      next: 'Split the work into smaller files.',
    })
  if (after.includes('\0') || !after.isWellFormed())
    throw refuse('EDIT_NOT_TEXT', path, {
      expected: 'text',
      came: 'a character that no text file holds',
      next: 'Write the character as an escape of the language.',
    })
  if (after === (before ?? ''))
    throw refuse('EDIT_CHANGES_NOTHING', path, {
      expected: 'an edit that changes the file',
      came: 'the file as it is',
      next: 'Leave out edits that change nothing.',
    })
}

function answerTooLarge(length: number): EditRefused {
  return refuse('EDIT_TOO_LARGE', undefined, {
    expected: `an answer of at most ${EDIT_LIMITS.answer} characters`,
    came: `${length}`,
    next: 'Change less at once.',
  })
}

function existsAlready(path: string): EditRefused {
  return refuse('FILE_EXISTS', path, {
    expected: 'a file that is not there yet',
    came: 'one that is',
    next: 'Change a file that is there with a diff, if the task lists it under modify.',
  })
}

function repeated(path: string): EditRefused {
  return refuse('EDIT_REPEATED', path, {
    expected: 'one edit of each file',
    came: 'two',
    next: 'Put all changes of a file into one block.',
  })
}
