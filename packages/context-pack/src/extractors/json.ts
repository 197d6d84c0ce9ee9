import { createLineIndex, openLoopsIn } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal, Extractor } from '@ctxlock/contracts/extractor'

import { JsonKeys } from './json/json-keys.ts'
import { commentsOf, withoutComments } from './json/without-comments.ts'

/** UTF-16 units; larger files are data rather than settings. */
const MAX_LENGTH = 1024 * 1024

/**
 * JSON, also with comments and trailing commas as tools allow them in settings: the keys of the first two levels with the lines of their values. Hints name keys and never repeat a value, because
 * settings hold secrets that look like nothing in particular.
 */
export const jsonExtractor: Extractor = {
  name: 'json',
  version: '2',
  matches: (path) => /\.jsonc?$/i.test(path),
  extract(text): Extraction | ExtractionRefusal {
    if (text.length > MAX_LENGTH) return { refused: 'too_large' }
    const isPlain = isValid(text)
    const json = isPlain ? text : withoutComments(text)
    if (!isPlain && !isValid(json)) return { refused: 'syntax_error' }
    const lines = createLineIndex(text)
    const anchors = new JsonKeys(json).read().map(({ path, depth, hint, start, end }): ExtractedAnchor => ({
      name: path,
      kind: 'key',
      hint,
      depth,
      startLine: lines.lineAt(start),
      endLine: lines.lineAt(end - 1),
    }))
    return { anchors, openLoops: isPlain ? [] : openLoopsIn(commentsOf(text), lines) }
  },
}

function isValid(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
