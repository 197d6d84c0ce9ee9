/** How a block comment that begins with the first string ends. */
const BLOCKS: readonly (readonly [string, string])[] = [
  ['/*', '*/'],
  ['<!--', '-->'],
  ['"""', '"""'],
  ["'''", "'''"],
  ['{-', '-}'],
  ['(*', '*)'],
]
const LINE_COMMENT = /^(?:\/\/|#|--|;|%|dnl\b|REM\b)/
/** Lines that must come first and say nothing. */
const PREAMBLE = /^(?:#!|<\?(?:php|xml)\b|<!doctype|['"]use (?:strict|client|server)['"];?$)/i

/**
 * The comments a file begins with, their marks included, up to its first line of anything else. `hashIsComment` is false
 * where a line that begins with `#` is text, as in Markdown. Time is linear in `head`.
 */
export function leadingComment(head: string, hashIsComment: boolean): string {
  const comment: string[] = []
  let blockEnd: string | undefined
  for (const line of trimmedLines(head)) {
    if (blockEnd !== undefined) {
      comment.push(line)
      if (line.includes(blockEnd)) blockEnd = undefined
      continue
    }
    const block = BLOCKS.find(([start]) => line.startsWith(start))
    if (block) {
      const [start, end] = block
      if (!line.includes(end, start.length)) blockEnd = end
      comment.push(line)
    } else if (LINE_COMMENT.test(line) && (hashIsComment || !line.startsWith('#'))) comment.push(line)
    else if (line !== '' && !PREAMBLE.test(line)) break
  }
  return comment.join('\n')
}

/** One at a time: most files begin with code, and the rest of the head need not be cut. */
function* trimmedLines(text: string): Generator<string> {
  for (let start = 0; start <= text.length;) {
    const end = text.indexOf('\n', start)
    yield text.slice(start, end === -1 ? undefined : end).trim()
    start = end === -1 ? text.length + 1 : end + 1
  }
}
