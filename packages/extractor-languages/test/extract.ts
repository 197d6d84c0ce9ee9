import type { ExtractedAnchor, Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'

import { languageExtractors } from '../src/index.ts'

/** What the extractor of a path answers. */
export async function answerOf(path: string, text: string): Promise<Extraction | ExtractionRefusal> {
  const extractor = languageExtractors.find((candidate) => candidate.matches(path))
  if (!extractor) throw new Error(`no extractor for ${path}`)
  await extractor.prepare?.()
  return extractor.extract(text, path)
}

/** The same, for a text that can be read. */
export async function extractWith(path: string, text: string): Promise<Extraction> {
  const answer = await answerOf(path, text)
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer
}

/** `start-end kind name`, one line an anchor, members indented below their type. */
export function anchorLines(anchors: readonly ExtractedAnchor[]): string {
  return anchors
    .map(
      ({ depth, kind, name, startLine, endLine }) => `${'  '.repeat(depth)}${startLine}-${endLine} ${kind} ${name}\n`,
    )
    .join('')
}
