import {
  normativeConstraints,
  openLoopsIn,
  createLineIndex,
  quoteStart,
  RAW_TEXT_LIMIT,
  splitSentences,
} from '@ctxlock/contracts/extraction-text'
import type { ExtractedConstraint, ExtractedText } from '@ctxlock/contracts/extractor'
import type { Node } from 'web-tree-sitter'

import type { LanguageRules } from './language-rules.ts'
import { hasCodeBefore, lastLineOf } from './node-lines.ts'

/** A comment, or line comments directly below each other, without their marks. */
interface CommentBlock {
  readonly lines: readonly string[]
  readonly startLine: number
}

const TRIGGER = /\b(?:TODO|FIXME|MUST|SHALL|NEVER|ALWAYS|DO NOT|REQUIRED|SHOULD|RECOMMENDED)\b/g
/** A pack keeps 16 of each kind; a file with more trigger words than this repeats itself. */
const MAX_TRIGGERS = 256
const MAX_BLOCK = 200
const OPENING = /^\s*(?:\/{2,}!?|\/\*+!?|\*+(?!\/)|#+!?|--+|;+|<!--|[a-zA-Z]{0,2}(?:"""|'''|["']))? ?/
const CLOSING = /\s*(?:\*+\/|-->|"""|''')\s*$/
const LICENCE_OR_DIRECTIVE =
  /copyright|licen[cs]e|SPDX|^(?:usr\/|\/)?(?:bin|usr)\/|\bcoding[:=]|vim?:|noqa|pylint|mypy:|frozen_string_literal|rubocop|shellcheck|^go:build|^\+build|swiftlint|swift-tools-version|phpcs|NOLINT|clang-format|@file:/i

/** Demands and open ends that stand in comments and docstrings. Looks only where a trigger word stands. */
export function remarks(root: Node, text: string, rules: LanguageRules) {
  const constraints: ExtractedConstraint[] = []
  const openLoops: ExtractedText[] = []
  let from = 0
  let triggers = 0
  for (const { index } of text.matchAll(TRIGGER)) {
    if (index < from) continue
    if ((triggers += 1) > MAX_TRIGGERS) break
    const comment = commentAt(root, index, rules)
    if (!comment) continue
    const { first, last } = lineCommentsAround(comment, text, rules)
    from = last.endIndex
    const block = blockOf(text.slice(first.startIndex, last.endIndex), first.startPosition.row + 1)
    const content = block.lines.join('\n')
    const index_ = createLineIndex(content)
    constraints.push(...normativeConstraints(splitSentences(block.lines, block.startLine)))
    openLoops.push(...openLoopsIn(content, { lineAt: (offset) => block.startLine + index_.lineAt(offset) - 1 }))
  }
  return { constraints, openLoops }
}

/** What the file says about itself: its docstring, or the first comment above its code that is no licence or directive. */
export function leadingRemark(root: Node, text: string, rules: LanguageRules): string | undefined {
  let node: Node | null = root.firstNamedChild
  for (let steps = 0; node && steps < MAX_BLOCK; steps += 1) {
    if (!rules.comments.has(node.type)) return docstring(node, text, rules)
    const { last } = lineCommentsAround(node, text, rules)
    const words = quoteStart(
      blockOf(text.slice(node.startIndex, Math.min(last.endIndex, node.startIndex + RAW_TEXT_LIMIT)), 1).lines.join(
        '\n',
      ),
    )
    if (/\p{L}{2}/u.test(words) && !LICENCE_OR_DIRECTIVE.test(words)) return words
    node = last.nextNamedSibling
  }
  return undefined
}

function docstring(node: Node, text: string, rules: LanguageRules): string | undefined {
  const inner = node.namedChildCount === 1 ? node.firstNamedChild : null
  if (!inner || !rules.docstrings?.has(inner.type)) return undefined
  const words = quoteStart(
    blockOf(text.slice(inner.startIndex, Math.min(inner.endIndex, inner.startIndex + RAW_TEXT_LIMIT)), 1).lines.join(
      '\n',
    ),
  )
  return words === '' ? undefined : words
}

function commentAt(root: Node, index: number, rules: LanguageRules): Node | undefined {
  let node = root.descendantForIndex(index, index)
  for (let steps = 0; node && steps < 3; steps += 1) {
    if (rules.comments.has(node.type)) return node
    // A string is documentation when it is a statement of its own.
    if (rules.docstrings?.has(node.type) && node.parent?.type === 'expression_statement') return node
    node = node.parent
  }
  return undefined
}

function lineCommentsAround(comment: Node, text: string, rules: LanguageRules): { first: Node; last: Node } {
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

function blockOf(raw: string, startLine: number): CommentBlock {
  const lines = raw.split('\n').map((line) => line.replace(CLOSING, '').replace(OPENING, '').trimEnd())
  return { lines, startLine }
}
