import type { ExtractedText, Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'
import { quoteStart } from '@ctxlock/contracts/extraction-text'
import type { Node, Tree } from 'web-tree-sitter'

import type { Folds } from '../folding/folds.ts'
import type { BoundedParser } from './bounded-parser.ts'
import { leadingRemark, remarks } from './comments.ts'
import { fileParts, type Declaration } from './declarations.ts'
import type { LanguageRules } from './language-rules.ts'
import { lastLineOf } from './node-lines.ts'
import { unreadableShare } from './unreadable-share.ts'

/** A file of which a larger part is no code of its language gets line windows. */
const MAX_UNREADABLE = 0.25
const IMPORT_FACT_LENGTH = 400

/** Anchors, facts, demands and open ends of one file of a programming language, or why it cannot be read. */
export function extractTree(
  text: string,
  path: string,
  parser: BoundedParser,
  rules: LanguageRules,
): Extraction | ExtractionRefusal {
  const folds = rules.fold?.(text)
  return (folds && extractFolded(text, path, parser, rules, folds)) ?? extractWhole(text, path, parser, rules)
}

/** Undefined when the parser cannot read too much of it: then it has to see all of the text. */
function extractFolded(
  text: string,
  path: string,
  parser: BoundedParser,
  rules: LanguageRules,
  folds: Folds,
): Extraction | ExtractionRefusal | undefined {
  const tree = parser.parse(text, folds.kept)
  // Too much work for a part is too much for the whole.
  if ('refused' in tree) return tree
  try {
    const extraction = readTree(tree, text, path, rules, folds)
    return 'refused' in extraction ? undefined : extraction
  } finally {
    // The tree lives in the memory of the wasm module, which no garbage collector sees.
    tree.delete()
  }
}

function extractWhole(
  text: string,
  path: string,
  parser: BoundedParser,
  rules: LanguageRules,
): Extraction | ExtractionRefusal {
  const tree = parser.parse(text)
  if ('refused' in tree) return tree
  try {
    return readTree(tree, text, path, rules)
  } finally {
    tree.delete()
  }
}

function readTree(
  { rootNode }: Tree,
  text: string,
  path: string,
  rules: LanguageRules,
  folds?: Folds,
): Extraction | ExtractionRefusal {
  if (unreadableShare(rootNode) > MAX_UNREADABLE) return { refused: 'syntax_error' }
  const { declarations, imports } = fileParts(rootNode, text, path, rules)
  const summary = leadingRemark(rootNode, text, rules)
  return {
    anchors: declarations.map(({ name, kind, signature, depth, startLine, endLine }) => ({
      name,
      kind,
      hint: signature,
      depth,
      startLine,
      endLine,
    })),
    facts: [...importFacts(imports, text), ...signatureFacts(declarations)],
    ...remarks(rootNode, text, rules, folds),
    ...(summary === undefined ? {} : { summary }),
  }
}

/** The imports as they stand, in as few facts as fit. */
function importFacts(imports: readonly Node[], text: string): ExtractedText[] {
  const facts: { text: string; startLine: number; endLine: number }[] = []
  for (const node of imports) {
    const entry = quoteStart(text.slice(node.startIndex, node.endIndex)).replace(/;$/, '')
    const last = facts.at(-1)
    if (last && last.text.length + entry.length < IMPORT_FACT_LENGTH) {
      last.text += `; ${entry}`
      last.endLine = lastLineOf(node)
    } else {
      facts.push({ text: entry, startLine: node.startPosition.row + 1, endLine: lastLineOf(node) })
    }
  }
  return facts
}

/** What others may use, outermost first. */
function signatureFacts(declarations: readonly Declaration[]): ExtractedText[] {
  return declarations
    .filter(({ isPublic }) => isPublic)
    .toSorted((a, b) => a.depth - b.depth)
    .map(({ signature, startLine, endLine }) => ({ text: signature, startLine, endLine }))
}
