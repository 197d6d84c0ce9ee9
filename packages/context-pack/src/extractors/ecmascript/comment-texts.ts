import {
  type LineIndex,
  mayHoldDemands,
  normativeConstraints,
  openLoopsIn,
  quoteStart,
  RAW_TEXT_LIMIT,
  splitSentences,
} from '@ctxlock/contracts/extraction-text'
import type { ExtractedConstraint, ExtractedText } from '@ctxlock/contracts/extractor'

import type { Comment, Outline } from './outline.ts'

const DELIMITER = 2
const LICENCE_OR_DIRECTIVE =
  /copyright|licen[cs]e|SPDX|eslint|oxlint|prettier|@ts-|jshint|istanbul|^[/*!#\s]*(?:global|jsx|flow|@flow|@jsx)/i

export interface CommentTexts {
  readonly constraints: ExtractedConstraint[]
  readonly openLoops: ExtractedText[]
}

/** The sentences with MUST and the like, and the TODOs, of all comments. */
export function commentTexts(text: string, lines: LineIndex, comments: readonly Comment[]): CommentTexts {
  const constraints: ExtractedConstraint[] = []
  const openLoops: ExtractedText[] = []
  for (const comment of comments) {
    const content = contentOf(text, comment)
    if (!mayHoldDemands(content)) continue
    const start = comment.start + DELIMITER
    constraints.push(...normativeConstraints(splitSentences(undecorated(content), lines.lineAt(comment.start))))
    openLoops.push(...openLoopsIn(content, { lineAt: (offset) => lines.lineAt(start + offset) }))
  }
  return { constraints, openLoops }
}

/** What the file says about itself: the comment above its first statement, unless that is a licence or a directive. */
export function leadingComment(text: string, { comments, bodyStart }: Outline): string | undefined {
  let summary = ''
  let end = -1
  for (const comment of comments) {
    if (comment.start > bodyStart) break
    const isNext = summary !== '' && comment.isLine && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(end, comment.start))
    if (summary !== '' && (!isNext || summary.length > RAW_TEXT_LIMIT)) break
    const content = quoteStart(undecorated(contentOf(text, comment)).join('\n'))
    if (summary === '' && LICENCE_OR_DIRECTIVE.test(content)) continue
    summary = `${summary} ${content}`.trim()
    end = comment.end
  }
  return summary === '' ? undefined : summary
}

function contentOf(text: string, { start, end, isLine }: Comment): string {
  return text.slice(start + DELIMITER, isLine ? end : end - DELIMITER)
}

/** The text of a comment, one element per line, without the decoration of block comments. */
function undecorated(content: string): string[] {
  return content.split('\n').map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd())
}
