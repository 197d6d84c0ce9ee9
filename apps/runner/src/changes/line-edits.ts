import { diffArrays } from 'diff'

/** One run of lines that differ: `old` lines from index `oldStart` are replaced by `new` lines from index `newStart`. */
export interface LineEdit {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
}

/** More single-line edits than this are one edit over everything that differs: nobody reads them, and the search is quadratic in them. */
const MAX_EDITS = 1000

/** The shortest list of edits that turns one list of lines into another, in order; empty when they are equal. */
export function lineEdits(before: readonly string[], after: readonly string[]): LineEdit[] {
  const parts = diffArrays([...before], [...after], { maxEditLength: MAX_EDITS })
  if (!parts) return [between(before, after)]
  const edits: LineEdit[] = []
  let oldStart = 0
  let newStart = 0
  for (const { count, added, removed } of parts) {
    const oldCount = added ? 0 : count
    const newCount = removed ? 0 : count
    if (added || removed) add(edits, { oldStart, oldCount, newStart, newCount })
    oldStart += oldCount
    newStart += newCount
  }
  return edits
}

/** Runs that touch become one edit. */
function add(edits: LineEdit[], edit: LineEdit): void {
  const last = edits.at(-1)
  const touches =
    last && last.oldStart + last.oldCount === edit.oldStart && last.newStart + last.newCount === edit.newStart
  if (!touches) edits.push(edit)
  else {
    const oldCount = last.oldCount + edit.oldCount
    edits[edits.length - 1] = { ...last, oldCount, newCount: last.newCount + edit.newCount }
  }
}

/** One edit over all that stands between the equal lines at both ends. */
function between(before: readonly string[], after: readonly string[]): LineEdit {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  const longest = Math.min(before.length, after.length) - start
  while (end < longest && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return {
    oldStart: start,
    oldCount: before.length - start - end,
    newStart: start,
    newCount: after.length - start - end,
  }
}
