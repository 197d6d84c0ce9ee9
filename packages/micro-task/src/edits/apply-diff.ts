import { applyPatch } from 'diff'

import { EDIT_LIMITS } from './edit-format.ts'
import { refuse, type EditRefused } from './edit-refusal.ts'
import type { FileDiff } from './parse-diff.ts'
import { hasOnlyReturns } from './whole-file.ts'

/** Bounds the search for the places of hunks over a whole answer: both sides of every comparison are the attacker's. */
export interface WorkBudget {
  compare(left: string | undefined, right: string | undefined): boolean
}

export function createWorkBudget(): WorkBudget {
  let left = EDIT_LIMITS.comparisons
  return {
    compare(one, other) {
      left -= 1
      if (left < 0) throw tooMuchWork()
      return one === other
    },
  }
}

/**
 * A text after a diff. Each hunk belongs where its lines stand: at the named line, or at the one other place in the file
 * (`repaired` counts those). No line of context may differ.
 */
export function applyDiff(
  path: string,
  before: string,
  { hunks }: FileDiff,
  budget: WorkBudget,
): { readonly text: string; readonly repaired: number } {
  const hasReturns = hasOnlyReturns(before)
  const text = hasReturns ? before.replaceAll('\r\n', '\n') : before
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  let end = 0
  let repaired = 0
  const placed = hunks.map((hunk, index) => {
    const old = hunk.lines.filter((line) => /^[ -]/.test(line)).map((line) => line.slice(1))
    const at = placeOf({ path, lines, old, named: hunk.oldStart - 1, number: index + 1 }, budget)
    if (at < end) throw outOfOrder(path, index + 1)
    if (at !== hunk.oldStart - 1 && old.length > 0) repaired += 1
    end = at + old.length
    return structured(hunk.lines, at, old.length)
  })
  const after = applyPatch(
    text,
    { oldFileName: path, newFileName: path, oldHeader: '', newHeader: '', hunks: placed },
    { fuzzFactor: 0, autoConvertLineEndings: false },
  )
  // The places are known to fit: what is left is a final line ending that the diff claims and the file does not have.
  if (after === false) throw notFound(path, hunks.length, 'a diff about the end of the file that does not fit it')
  return { text: hasReturns ? after.replaceAll('\n', '\r\n') : after, repaired }
}

interface Search {
  readonly path: string
  readonly lines: readonly string[]
  readonly old: readonly string[]
  /** Index of the line the diff names. */
  readonly named: number
  /** Which hunk of the file, from 1. */
  readonly number: number
}

function placeOf({ path, lines, old, named, number }: Search, budget: WorkBudget): number {
  if (old.length === 0) {
    if (lines.length === 0) return 0
    throw notFound(path, number, 'a hunk that shows no line of the file, so nothing says where it belongs')
  }
  const fits = (at: number) => old.every((line, index) => budget.compare(lines[at + index], line))
  if (named >= 0 && fits(named)) return named
  const places: number[] = []
  for (let at = 0; at + old.length <= lines.length && places.length < 2; at += 1) if (fits(at)) places.push(at)
  const [place, second] = places
  if (place === undefined) throw notFound(path, number, 'lines that do not stand in the file one below the other')
  if (second !== undefined) throw ambiguous(path, number)
  return place
}

function structured(lines: readonly string[], at: number, oldLines: number) {
  const newLines = lines.filter((line) => /^[ +]/.test(line)).length
  return { oldStart: at + 1, oldLines, newStart: at + 1, newLines, lines: [...lines] }
}

function notFound(path: string, number: number, came: string): EditRefused {
  return refuse('DIFF_NOT_FOUND', path, {
    expected: `in hunk ${number}: unchanged and removed lines exactly as they stand in the file`,
    came,
    next: 'Copy the lines from the file as it is shown, or write the whole file.',
  })
}

function ambiguous(path: string, number: number): EditRefused {
  return refuse('DIFF_AMBIGUOUS', path, {
    expected: `in hunk ${number}: the right line number, or lines that stand in the file once`,
    came: 'a wrong line number and lines that stand there several times',
    next: 'Show more unchanged lines around the change.',
  })
}

function outOfOrder(path: string, number: number): EditRefused {
  return refuse('DIFF_MALFORMED', path, {
    expected: 'hunks in the order of the file that do not touch the same lines',
    came: `hunk ${number} before the end of the one above it`,
    next: 'Order the hunks, or write the whole file.',
  })
}

function tooMuchWork(): EditRefused {
  return refuse('EDIT_TOO_LARGE', undefined, {
    expected: 'hunks whose places are found quickly',
    came: 'too many lines that nearly fit',
    next: 'Write the file as a whole.',
  })
}
