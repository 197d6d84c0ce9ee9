import { splitSentences, type Sentence } from '@ctxlock/contracts/extraction-text'

import type { MarkdownBlock, Prose } from './blocks.ts'

/** The sentences of the paragraphs and list items of a document. */
export function proseSentences(blocks: readonly MarkdownBlock[]): Sentence[] {
  return blocks
    .filter((block): block is Prose => block.kind !== 'heading')
    .flatMap((block) => splitSentences(block.lines, block.startLine))
}
