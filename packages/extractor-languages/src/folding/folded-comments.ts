import type { FoldedComment, Folds } from './folds.ts'
import { hasCodeBefore } from '../tree/node-lines.ts'

/** A docstring is never one with the next. */
const STRING = 'string'

/** Comments that stand below each other and are read as one. Lines count from 1. */
export interface CommentBlock {
  readonly start: number
  readonly end: number
  readonly startLine: number
}

/** The block a place in what was folded belongs to, as the parser would have found it. */
export function foldedBlockAt(index: number, text: string, { comments, lineAt }: Folds): CommentBlock | undefined {
  const at = comments.findIndex(({ end }) => end > index)
  const comment = comments[at]
  if (!comment || comment.start > index) return undefined
  let first = at
  let last = at
  if (!hasCodeBefore({ startIndex: comment.start }, text)) {
    while (isContinued(comments[first - 1], comments[first])) first -= 1
    while (isContinued(comments[last], comments[last + 1])) last += 1
  }
  const { start } = comments[first] ?? comment
  return { start, end: (comments[last] ?? comment).end, startLine: lineAt(start) }

  function isContinued(before: FoldedComment | undefined, after: FoldedComment | undefined): boolean {
    if (!before || !after || before.type !== after.type || after.type === STRING) return false
    if (lineAt(before.end) + 1 !== lineAt(after.start)) return false
    return ![before, after].some(({ start: startIndex }) => hasCodeBefore({ startIndex }, text))
  }
}
