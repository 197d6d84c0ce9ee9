import {
  createLineIndex,
  cutRoughly,
  mayHoldDemands,
  normativeConstraints,
  openLoopsIn,
  RAW_TEXT_LIMIT,
  sectionAnchors,
  splitSentences,
} from '@ctxlock/contracts/extraction-text'
import type { Extraction, Extractor } from '@ctxlock/contracts/extractor'

import { readMarkdownBlocks, type Heading, type MarkdownBlock, type Prose } from '../markdown/blocks.ts'

const IMAGE_OR_LINK = /!?\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?/g

/** Anchors are the sections of the document; a section ends before the next heading of the same or a higher rank. */
export const markdownExtractor: Extractor = {
  name: 'markdown',
  version: '1',
  matches: (path) => /\.(?:md|markdown|mdown|mdc|mdx)$/i.test(path),
  extract(text): Extraction {
    const lines = createLineIndex(text)
    const blocks = readMarkdownBlocks(text)
    const headings = blocks.filter((block): block is Heading => block.kind === 'heading')
    const prose = blocks.filter((block): block is Prose => block.kind !== 'heading' && block.lines.some(mayHoldDemands))
    const title = headings[0]?.text
    const summary = firstParagraph(blocks)
    return {
      anchors: sectionAnchors(
        headings.map(({ depth: rank, ...heading }) => ({ ...heading, rank })),
        lines,
      ),
      constraints: normativeConstraints(prose.flatMap((block) => splitSentences(block.lines, block.startLine))),
      openLoops: prose.flatMap((block) => openLoopsOf(block.lines, block.startLine)),
      ...(title === undefined ? {} : { title }),
      ...(summary === undefined ? {} : { summary }),
    }
  },
}

/** The first paragraph that says something: a row of badges does not. */
function firstParagraph(blocks: readonly MarkdownBlock[]): string | undefined {
  for (const block of blocks) {
    if (block.kind !== 'paragraph') continue
    const text = cutRoughly(block.lines.join(' '), RAW_TEXT_LIMIT)
    if (/\p{L}{2}/u.test(text.replace(IMAGE_OR_LINK, ' '))) return text
  }
  return undefined
}

function openLoopsOf(lines: readonly string[], firstLine: number) {
  const text = lines.join('\n')
  const index = createLineIndex(text)
  return openLoopsIn(text, { lineAt: (offset) => firstLine + index.lineAt(offset) - 1 })
}
