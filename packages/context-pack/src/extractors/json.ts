import { createLineIndex } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal, Extractor } from '@ctxlock/contracts/extractor'

import { JsonKeys } from './json/json-keys.ts'

/** UTF-16 units; larger files are data rather than settings. */
const MAX_LENGTH = 1024 * 1024

/**
 * JSON: the keys of the first two levels with the lines of their values. Hints name keys and never repeat a value, because
 * settings hold secrets that look like nothing in particular.
 */
export const jsonExtractor: Extractor = {
  name: 'json',
  version: '1',
  matches: (path) => /\.json$/i.test(path),
  extract(text): Extraction | ExtractionRefusal {
    if (text.length > MAX_LENGTH) return { refused: 'too_large' }
    if (!isValid(text)) return { refused: 'syntax_error' }
    const lines = createLineIndex(text)
    const anchors = new JsonKeys(text).read().map(({ path, depth, hint, start, end }): ExtractedAnchor => ({
      name: path,
      kind: 'key',
      hint,
      depth,
      startLine: lines.lineAt(start),
      endLine: lines.lineAt(end - 1),
    }))
    return { anchors, openLoops: [] }
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
