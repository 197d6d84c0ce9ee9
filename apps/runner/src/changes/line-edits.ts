/** One run of lines that differ: `old` lines from index `oldStart` are replaced by `new` lines from index `newStart`. */
export interface LineEdit {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
}

/** More single-line edits than this are one edit over everything that differs: nobody reads them, and the search is quadratic in them. */
const MAX_EDITS = 1000

/** The shortest list of edits that turns one list of lines into another (Myers 1986), in order; empty when they are equal. */
export function lineEdits(before: readonly string[], after: readonly string[]): LineEdit[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let oldEnd = before.length
  let newEnd = after.length
  while (oldEnd > start && newEnd > start && before[oldEnd - 1] === after[newEnd - 1]) {
    oldEnd -= 1
    newEnd -= 1
  }
  const whole = { oldStart: start, oldCount: oldEnd - start, newStart: start, newCount: newEnd - start }
  if (whole.oldCount === 0 || whole.newCount === 0) return whole.oldCount + whole.newCount === 0 ? [] : [whole]
  const path = shortestPath(before.slice(start, oldEnd), after.slice(start, newEnd))
  return path ? joined(path, start) : [whole]
}

/** Index pairs where one line is removed (`down` false) or inserted (`down` true), from the last to the first. */
type Step = readonly [oldIndex: number, newIndex: number, down: boolean]

function shortestPath(before: readonly string[], after: readonly string[]): Step[] | undefined {
  // furthest[k + offset] is how far the old lines are read on the diagonal k = old - new.
  const limit = Math.min(MAX_EDITS, before.length + after.length)
  const furthest = new Int32Array(2 * limit + 3)
  const offset = limit + 1
  const rounds: Int32Array[] = []
  for (let edits = 0; edits <= limit; edits += 1) {
    rounds.push(furthest.slice(offset - edits - 1, offset + edits + 2))
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = isDown(furthest, offset, diagonal, edits)
      let old = down ? at(furthest, offset + diagonal + 1) : at(furthest, offset + diagonal - 1) + 1
      while (old < before.length && old - diagonal < after.length && before[old] === after[old - diagonal]) old += 1
      furthest[offset + diagonal] = old
      if (old >= before.length && old - diagonal >= after.length) return stepsBack(rounds, before.length, after.length)
    }
  }
  return undefined
}

function stepsBack(rounds: readonly Int32Array[], oldLength: number, newLength: number): Step[] {
  const steps: Step[] = []
  let old = oldLength
  let diagonal = oldLength - newLength
  for (let edits = rounds.length - 1; edits > 0; edits -= 1) {
    const furthest = rounds[edits] ?? new Int32Array()
    const down = isDown(furthest, edits + 1, diagonal, edits)
    diagonal += down ? 1 : -1
    old = at(furthest, edits + 1 + diagonal)
    steps.push([old, old - diagonal, down])
  }
  return steps
}

function isDown(furthest: Int32Array, offset: number, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true
  return diagonal !== edits && at(furthest, offset + diagonal - 1) < at(furthest, offset + diagonal + 1)
}

function at(list: Int32Array, index: number): number {
  return list[index] ?? 0
}

/** Steps that touch become one edit. */
function joined(steps: readonly Step[], start: number): LineEdit[] {
  const edits: LineEdit[] = []
  for (const [old, now, down] of steps.toReversed()) {
    const last = edits.at(-1)
    const step = { oldStart: old + start, oldCount: down ? 0 : 1, newStart: now + start, newCount: down ? 1 : 0 }
    if (last && last.oldStart + last.oldCount === step.oldStart && last.newStart + last.newCount === step.newStart) {
      edits[edits.length - 1] = {
        ...last,
        oldCount: last.oldCount + step.oldCount,
        newCount: last.newCount + step.newCount,
      }
    } else edits.push(step)
  }
  return edits
}
