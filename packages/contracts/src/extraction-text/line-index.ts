const LINE_FEED = 0x0a

/** Finds lines of a text: numbered from 1, ended by LF. A final LF ends the last line and starts no new one. */
export interface LineIndex {
  readonly lineCount: number
  /** The line that holds the character at `offset` (UTF-16). */
  lineAt(offset: number): number
  /** The text of lines `start` to `end` without the last LF; `end` may equal `start`. */
  text(start: number, end: number): string
}

/** Reads the text once; each question after that is a binary search. */
export function createLineIndex(text: string): LineIndex {
  const starts = text === '' ? [] : [0]
  for (let at = text.indexOf('\n'); at !== -1 && at + 1 < text.length; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1)
  }

  return {
    lineCount: starts.length,
    lineAt(offset) {
      let low = 0
      let high = starts.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((starts[middle] ?? 0) <= offset) low = middle + 1
        else high = middle
      }
      return Math.max(low, 1)
    },
    text(start, end) {
      const from = starts[start - 1] ?? text.length
      const to = starts[end] ?? text.length
      return text.slice(from, text.charCodeAt(to - 1) === LINE_FEED ? to - 1 : to)
    },
  }
}
