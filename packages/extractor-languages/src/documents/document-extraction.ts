import {
  createLineIndex,
  normativeConstraints,
  openLoopsIn,
  quoteStart,
  sectionAnchors,
  splitSentences,
  type HeadingLines,
} from '@ctxlock/contracts/extraction-text'
import type { ExtractedConstraint, ExtractedText, Extraction } from '@ctxlock/contracts/extractor'

import type { Paragraph } from './paragraphs.ts'

/** What both document formats answer: sections, the first heading, the first paragraph, demands and open ends. */
export function documentExtraction(
  text: string,
  headings: readonly HeadingLines[],
  paragraphs: readonly Paragraph[],
): Extraction {
  const title = headings[0]?.text
  const summary = paragraphs.find(({ lines }) => /\p{L}{2}/u.test(lines.join(' ')))
  return {
    anchors: sectionAnchors(headings, createLineIndex(text)),
    ...proseRemarks(paragraphs),
    ...(title === undefined ? {} : { title }),
    ...(summary && { summary: quoteStart(summary.lines.join(' ')) }),
  }
}

/** What the paragraphs of a document demand and leave open. */
function proseRemarks(paragraphs: readonly Paragraph[]): {
  readonly constraints: readonly ExtractedConstraint[]
  readonly openLoops: readonly ExtractedText[]
} {
  return {
    constraints: paragraphs.flatMap(({ lines, startLine }) => normativeConstraints(splitSentences(lines, startLine))),
    openLoops: paragraphs.flatMap(({ lines, startLine }) => {
      const text = lines.join('\n')
      const index = createLineIndex(text)
      return openLoopsIn(text, { lineAt: (offset) => startLine + index.lineAt(offset) - 1 })
    }),
  }
}
