export interface Sentence {
  readonly text: string
  readonly startLine: number
  readonly endLine: number
}

const SENTENCE_END = /[.!?]["')\]*_`]{0,4}\s+(?=["'([*_`]{0,4}\p{Lu})/gu
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|incl)\.$/i

/** Splits prose where a sentence ends and an upper-case letter follows; each part knows its lines. */
export function splitSentences(lines: readonly string[], firstLine: number): Sentence[] {
  const text = lines.join('\n')
  const sentences: Sentence[] = []
  let start = 0
  let line = firstLine
  const add = (end: number): void => {
    const part = text.slice(start, end)
    const trimmed = part.trim()
    const leading = countLineFeeds(part.slice(0, part.length - part.trimStart().length))
    if (trimmed !== '') {
      const startLine = line + leading
      sentences.push({ text: trimmed, startLine, endLine: startLine + countLineFeeds(trimmed) })
    }
    line += countLineFeeds(part)
    start = end
  }
  for (const match of text.matchAll(SENTENCE_END)) {
    if (!ABBREVIATION.test(text.slice(Math.max(start, match.index - 8), match.index + 1)))
      add(match.index + match[0].length)
  }
  add(text.length)
  return sentences
}

function countLineFeeds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
