/** Line of an offset (UTF-16), from 1; lines end at LF only, whatever the parser of the language takes for a line end. */
export function lineNumbers(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\n/g)].map((match) => match.index)
  return (offset) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

export interface CommentLines {
  readonly startLine: number
  readonly endLine: number
}

/** The first line of a declaration with the comments above it; `alone` are the comments with nothing but blanks before them. */
export function commentsAbove(startLine: number, alone: readonly CommentLines[]): number {
  const endingOn = new Map(alone.map((comment) => [comment.endLine, comment.startLine]))
  let first = startLine
  for (let above = endingOn.get(first - 1); above !== undefined; above = endingOn.get(first - 1)) first = above
  return first
}
