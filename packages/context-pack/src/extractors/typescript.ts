import {
  createLineIndex,
  type LineIndex,
  normativeConstraints,
  openLoopsIn,
  quoteStart,
  RAW_TEXT_LIMIT,
  splitSentences,
} from '@ctxlock/contracts/extraction-text'
import type { ExtractedText, Extraction, ExtractionRefusal, Extractor } from '@ctxlock/contracts/extractor'

import { parseModule, type Comment, type Program } from './babel-parser.ts'
import { declarationAnchors, exportFacts, importFacts } from './declarations.ts'

const LICENCE_OR_DIRECTIVE =
  /copyright|licen[cs]e|SPDX|eslint|oxlint|prettier|@ts-|jshint|istanbul|^[/*!#\s]*(?:global|jsx|flow|@flow|@jsx)/i

/**
 * TypeScript, JavaScript and their JSX forms. Anchors are the declarations of the module, the members of its classes and the
 * named cases of its tests; a comment that ends on the line before one belongs to it.
 */
export const typescriptExtractor: Extractor = {
  name: 'typescript',
  version: '1+babel-parser-8.1.2',
  matches: (path) => /\.(?:[cm]?[jt]s|[jt]sx)$/i.test(path),
  extract(text, path): Extraction | ExtractionRefusal {
    const lines = createLineIndex(text)
    const parsed = parseModule(text, path, lines.lineCount)
    if ('refused' in parsed) return parsed
    const comments = parsed.comments ?? []
    const summary = leadingComment(text, comments, parsed.program)
    return {
      anchors: declarationAnchors(text, lines, parsed.program, comments),
      facts: [...importFacts(text, lines, parsed.program), ...exportFacts(text, lines, parsed.program)],
      constraints: comments.flatMap((comment) => constraintsOf(comment, lines)),
      openLoops: comments.flatMap((comment) => openLoopsOf(comment, lines)),
      ...(summary === undefined ? {} : { summary }),
    }
  },
}

function constraintsOf(comment: Comment, lines: LineIndex) {
  // Most comments hold no upper-case word; splitting them all into sentences would double the time of a file.
  if (!/[A-Z]{4}/.test(comment.value)) return []
  return normativeConstraints(splitSentences(commentLines(comment), lines.lineAt(comment.start ?? 0)))
}

function openLoopsOf(comment: Comment, lines: LineIndex): ExtractedText[] {
  const start = (comment.start ?? 0) + 2
  return openLoopsIn(comment.value, { lineAt: (offset) => lines.lineAt(start + offset) })
}

/** The text of a comment, one element per line, without the decoration of block comments. */
function commentLines(comment: Comment): string[] {
  return comment.value.split('\n').map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd())
}

/** What the file says about itself: the comment above its first statement, unless that is a licence or a directive. */
function leadingComment(text: string, comments: readonly Comment[], program: Program): string | undefined {
  const first = program.body[0]?.start ?? text.length
  let summary = ''
  let end = -1
  for (const comment of comments) {
    const { start, end: commentEnd } = comment
    if (typeof start !== 'number' || typeof commentEnd !== 'number' || start > first) break
    const isNext =
      summary !== '' && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(end, start)) && comment.type === 'CommentLine'
    if (summary !== '' && (!isNext || summary.length > RAW_TEXT_LIMIT)) break
    const content = quoteStart(commentLines(comment).join('\n'))
    if (summary === '' && LICENCE_OR_DIRECTIVE.test(content)) continue
    summary = `${summary} ${content}`.trim()
    end = commentEnd
  }
  return summary === '' ? undefined : summary
}
