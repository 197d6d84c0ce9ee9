import { createLineIndex } from '@ctxlock/contracts/extraction-text'
import type { Extraction, ExtractionRefusal, Extractor } from '@ctxlock/contracts/extractor'

import { parseOutline } from './ecmascript/babel-outline.ts'
import { commentTexts, leadingComment } from './ecmascript/comment-texts.ts'
import { exportFacts, importFacts, outlineAnchors } from './ecmascript/outline-anchors.ts'
import { scanOutline } from './ecmascript/scan-outline.ts'

/** A file with longer lines than this on average was written by a machine. */
const MAX_AVERAGE_LINE = 1000

/**
 * TypeScript, JavaScript and their JSX forms. Anchors are the declarations of the module, the members of its classes and the
 * named cases of its tests; a comment that ends on the line before one belongs to it.
 */
export const ecmascriptExtractor: Extractor = {
  name: 'ecmascript',
  version: 'scanner-2+babel-parser-8.1.2',
  matches: (path) => /\.(?:[cm]?[jt]s|[jt]sx)$/i.test(path),
  extract(text, path): Extraction | ExtractionRefusal {
    const lines = createLineIndex(text)
    if (text.length > MAX_AVERAGE_LINE * lines.lineCount) return { refused: 'lines_too_long' }
    const outline = scanOutline(text, path) ?? parseOutline(text, path)
    if ('refused' in outline) return outline
    const summary = leadingComment(text, outline)
    return {
      anchors: outlineAnchors(text, lines, outline),
      facts: [...importFacts(lines, outline), ...exportFacts(text, lines, outline)],
      ...commentTexts(text, lines, outline.comments),
      ...(summary === undefined ? {} : { summary }),
    }
  },
}
