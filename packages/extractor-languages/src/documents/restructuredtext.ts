import { quoteStart, type HeadingLines } from '@ctxlock/contracts/extraction-text'
import type { Extraction } from '@ctxlock/contracts/extractor'

import { documentExtraction } from './document-extraction.ts'
import { paragraphCollector } from './paragraphs.ts'

const ADORNMENT = /^([!-/:-@[-`{-~])\1+\s*$/
/** A shorter line below a text is taken for a title only when it is as long as the text. */
const SURE_LENGTH = 4

/**
 * Sections of reStructuredText. A title has a line of one repeated character below it, and perhaps the same above; which of
 * these ranks highest is the order in which they first appear.
 */
export function extractRestructuredText(text: string): Extraction {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const headings: HeadingLines[] = []
  const styles: string[] = []
  const prose = paragraphCollector()
  let literalFrom: number | undefined
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const heading = headingAt(lines, at)
    if (heading) {
      const { style, ...found } = heading
      if (!styles.includes(style)) styles.push(style)
      headings.push({ ...found, rank: styles.indexOf(style) + 1 })
      prose.end()
      at = found.endLine - 1
      continue
    }
    const indent = line.length - line.trimStart().length
    if (line === '') prose.end()
    else if (literalFrom !== undefined && indent > literalFrom) continue
    else {
      // A code block lasts as long as its lines stand further right than the line that opens it.
      literalFrom = /::$|^\s*\.\. (?:code|code-block|sourcecode|parsed-literal|literalinclude)::/.test(line)
        ? indent
        : undefined
      if (!/^\s*\.\. /.test(line)) prose.add(line, at + 1)
    }
  }
  return documentExtraction(text, headings, prose.paragraphs)
}

function headingAt(lines: readonly string[], at: number): (Omit<HeadingLines, 'rank'> & { style: string }) | undefined {
  const [line = '', second = '', third = ''] = lines.slice(at, at + 3)
  if (line === '' || (at > 0 && lines[at - 1] !== '')) return undefined
  const isOverlined = ADORNMENT.test(line) && second.trim() !== '' && third === line
  if (isOverlined)
    return { text: quoteStart(second), style: `${line[0]}${line[0]}`, startLine: at + 1, endLine: at + 3 }
  const isTitle = !/^\s/.test(line) && !ADORNMENT.test(line) && ADORNMENT.test(second)
  const isLongEnough = second.length >= SURE_LENGTH || second.length >= Array.from(line).length
  if (!isTitle || !isLongEnough) return undefined
  return { text: quoteStart(line), style: second[0] ?? '', startLine: at + 1, endLine: at + 2 }
}
