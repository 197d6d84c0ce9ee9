import { quoteStart, RAW_TEXT_LIMIT } from '@ctxlock/contracts/extraction-text'
import type { ExtractedConstraint, ExtractedText } from '@ctxlock/contracts/extractor'
import type { Node } from 'web-tree-sitter'

import { foldedBlockAt, type CommentBlock } from '../folding/folded-comments.ts'
import type { Folds } from '../folding/folds.ts'
import { commentLines, commentRemarks, type CommentRemarks } from './comment-text.ts'
import type { LanguageRules } from './language-rules.ts'
import { hasCodeBefore, lastLineOf } from './node-lines.ts'

/** What of a language says where remarks stand. */
type RemarkRules = Pick<LanguageRules, 'comments' | 'docstrings'>

const TRIGGER = /\b(?:TODO|FIXME|MUST|SHALL|NEVER|ALWAYS|DO NOT|REQUIRED|SHOULD|RECOMMENDED)\b/g
/** A pack keeps 16 of each kind; a file with more trigger words than this repeats itself. */
const MAX_TRIGGERS = 256
const MAX_BLOCK = 200
const LICENCE_OR_DIRECTIVE =
  /copyright|licen[cs]e|SPDX|^(?:usr\/|\/)?(?:bin|usr)\/|\bcoding[:=]|vim?:|noqa|pylint|mypy:|frozen_string_literal|rubocop|shellcheck|^go:build|^\+build|swiftlint|swift-tools-version|phpcs|NOLINT|clang-format|@file:/i

/** Demands and open ends that stand in comments and docstrings. Looks only where a trigger word stands. */
export function remarks(root: Node, text: string, rules: RemarkRules, folds?: Folds): CommentRemarks {
  const constraints: ExtractedConstraint[] = []
  const openLoops: ExtractedText[] = []
  let from = 0
  let triggers = 0
  for (const { index } of text.matchAll(TRIGGER)) {
    if (index < from) continue
    if ((triggers += 1) > MAX_TRIGGERS) break
    const block = (folds && foldedBlockAt(index, text, folds)) ?? blockAt(root, index, text, rules)
    if (!block) continue
    from = block.end
    const found = commentRemarks(text.slice(block.start, block.end), block.startLine)
    constraints.push(...found.constraints)
    openLoops.push(...found.openLoops)
  }
  return { constraints, openLoops }
}

/** What the file says about itself: its docstring, or the first comment above its code that is no licence or directive. */
export function leadingRemark(root: Node, text: string, rules: RemarkRules): string | undefined {
  let node: Node | null = root.firstNamedChild
  for (let steps = 0; node && steps < MAX_BLOCK; steps += 1) {
    if (!rules.comments.has(node.type)) return docstring(node, text, rules)
    const { last } = lineCommentsAround(node, text, rules)
    const said = words(text, node.startIndex, last.endIndex)
    if (/\p{L}{2}/u.test(said) && !LICENCE_OR_DIRECTIVE.test(said)) return said
    node = last.nextNamedSibling
  }
  return undefined
}

function docstring(node: Node, text: string, rules: RemarkRules): string | undefined {
  const inner = node.namedChildCount === 1 ? node.firstNamedChild : null
  if (!inner || !rules.docstrings?.has(inner.type)) return undefined
  return words(text, inner.startIndex, inner.endIndex) || undefined
}

function blockAt(root: Node, index: number, text: string, rules: RemarkRules): CommentBlock | undefined {
  const comment = commentAt(root, index, rules)
  if (!comment) return undefined
  const { first, last } = lineCommentsAround(comment, text, rules)
  return { start: first.startIndex, end: last.endIndex, startLine: first.startPosition.row + 1 }
}

function commentAt(root: Node, index: number, rules: RemarkRules): Node | undefined {
  let node = root.descendantForIndex(index, index)
  for (let steps = 0; node && steps < 3; steps += 1) {
    if (rules.comments.has(node.type)) return node
    // A string is documentation when it is a statement of its own.
    if (rules.docstrings?.has(node.type) && node.parent?.type === 'expression_statement') return node
    node = node.parent
  }
  return undefined
}

function lineCommentsAround(comment: Node, text: string, rules: RemarkRules): { first: Node; last: Node } {
  let first = comment
  let last = comment
  if (!rules.comments.has(comment.type) || hasCodeBefore(comment, text)) return { first, last }
  for (let steps = 0; steps < MAX_BLOCK; steps += 1) {
    const before = first.previousNamedSibling
    if (before?.type !== first.type || lastLineOf(before) !== first.startPosition.row || hasCodeBefore(before, text))
      break
    first = before
  }
  for (let steps = 0; steps < MAX_BLOCK; steps += 1) {
    const after = last.nextNamedSibling
    if (after?.type !== last.type || after.startPosition.row !== lastLineOf(last)) break
    last = after
  }
  return { first, last }
}

function words(text: string, start: number, end: number): string {
  return quoteStart(commentLines(text.slice(start, Math.min(end, start + RAW_TEXT_LIMIT))).join('\n'))
}
