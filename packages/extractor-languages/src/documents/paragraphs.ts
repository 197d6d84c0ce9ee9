/** Lines of prose that stand together, without the lines the format keeps verbatim. */
export interface Paragraph {
  readonly lines: readonly string[]
  readonly startLine: number
}

/** Collects paragraphs line by line. */
export function paragraphCollector(): {
  readonly paragraphs: readonly Paragraph[]
  add(line: string, lineNumber: number): void
  end(): void
} {
  const paragraphs: Paragraph[] = []
  let open: { lines: string[]; startLine: number } | undefined
  return {
    paragraphs,
    add(line, lineNumber) {
      if (open) open.lines.push(line)
      else paragraphs.push((open = { lines: [line], startLine: lineNumber }))
    },
    end() {
      open = undefined
    },
  }
}
