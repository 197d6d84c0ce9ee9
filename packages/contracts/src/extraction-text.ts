// What every extractor does with text: find its lines, split prose, tell a demand from a remark, quote a bounded piece.
export { createLineIndex, type LineIndex } from './extraction-text/line-index.ts'
export {
  mayHoldDemands,
  normativeConstraints,
  openLoopsIn,
  severityOf,
  withoutComments,
} from './extraction-text/normative.ts'
export { cleanText, cutRoughly, oneLine, quoteStart, RAW_TEXT_LIMIT, truncate } from './extraction-text/pack-text.ts'
export { splitSentences, type Sentence } from './extraction-text/sentences.ts'
export { sectionAnchors, type HeadingLines } from './extraction-text/sections.ts'
