import { quoteStart, type HeadingLines } from '@ctxlock/contracts/extraction-text'
import type { Extraction } from '@ctxlock/contracts/extractor'

import { documentExtraction } from './document-extraction.ts'
import { paragraphCollector } from './paragraphs.ts'

const HEADING = /^(={1,6}|#{1,6})[ \t]+(\S.*)$/
/** Blocks whose lines are kept as they are: listing, literal, passthrough, comment, fence. */
const VERBATIM = /^(?:-{4,}|\.{4,}|\+{4,}|\/{4,}|`{3,}.*)$/
/** `[[id]]`, `[#id]` and the like belong to the block below them. */
const ATTRIBUTES = /^\[.*\]$/

/** Sections of AsciiDoc: the document title and the headings below it. */
export function extractAsciidoc(text: string): Extraction {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const headings: HeadingLines[] = []
  const prose = paragraphCollector()
  let closing: string | undefined
  let attributesFrom: number | undefined
  for (const [at, line] of lines.entries()) {
    const heading = closing === undefined ? HEADING.exec(line) : null
    if (closing !== undefined) {
      if (line === closing) closing = undefined
    } else if (VERBATIM.test(line)) {
      closing = line.startsWith('`') ? '```' : line
      prose.end()
    } else if (heading) {
      const [, marks = '', words = ''] = heading
      const startLine = (attributesFrom ?? at) + 1
      headings.push({
        text: quoteStart(words.replace(/[ \t]+[=#]+$/, '')),
        rank: marks.length,
        startLine,
        endLine: at + 1,
      })
      prose.end()
    } else if (line === '' || line.startsWith('//') || /^:[\w-]+!?:/.test(line)) prose.end()
    else if (!ATTRIBUTES.test(line)) prose.add(line, at + 1)
    attributesFrom = ATTRIBUTES.test(line) ? (attributesFrom ?? at) : undefined
  }
  return documentExtraction(text, headings, prose.paragraphs)
}
