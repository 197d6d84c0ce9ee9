/** A line without its quote marks, indentation and trailing white space. */
export interface StrippedLine {
  readonly quotes: number
  /** Columns before the content, counted behind the quote marks. */
  readonly indent: number
  readonly content: string
}

/** Takes off what puts a line into quotes and lists; a mark behind four columns is code and stays. */
export function stripLine(line: string): StrippedLine {
  let quotes = 0
  let indent = 0
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at)
    if (character === ' ') indent += 1
    else if (character === '\t') indent += 4 - (indent % 4)
    else if (character === '>' && indent < 4) {
      quotes += 1
      indent = 0
      if (line.charAt(at + 1) === ' ') at += 1
    } else return { quotes, indent, content: line.slice(at).trimEnd() }
  }
  return { quotes, indent: 0, content: '' }
}

/** The number of the line that closes YAML front matter, or 0. */
export function endOfFrontMatter(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)[ \t\r]*$/.test(line))
  return end + 1
}
