import { quoteStart, type LineIndex } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, ExtractedText } from '@ctxlock/contracts/extractor'

import type { Comment, Program, Statement } from './babel-parser.ts'
import { membersOf, namedParts, type NamedPart } from './named-parts.ts'

const IMPORT_FACT_LENGTH = 400
const MAX_INDENT = 200

/** The anchors of a module: its declarations at depth 0, members of classes, namespaces and test groups at depth 1. */
export function declarationAnchors(
  text: string,
  lines: LineIndex,
  program: Program,
  comments: readonly Comment[],
): ExtractedAnchor[] {
  const commentStarts = commentStartsByLastLine(text, lines, comments)
  return program.body.flatMap((statement) =>
    namedParts(statement).flatMap((part) => [
      toAnchor(part, 0),
      ...membersOf(part).map((member) => toAnchor({ ...member, name: `${part.name}.${member.name}` }, 1)),
    ]),
  )

  function toAnchor(part: NamedPart, depth: number): ExtractedAnchor {
    const firstLine = lines.lineAt(part.start)
    return {
      name: part.name,
      kind: part.kind,
      hint: signature(text, part),
      depth,
      startLine: commentStarts.get(firstLine - 1) ?? firstLine,
      endLine: lines.lineAt(Math.max(part.start, part.end - 1)),
    }
  }
}

/** One fact for everything a module exports: its signature. */
export function exportFacts(text: string, lines: LineIndex, program: Program): ExtractedText[] {
  return program.body
    .filter(isExport)
    .flatMap((statement) => namedParts(statement).map((part) => toFact(lines, part, signature(text, part))))
}

/** What the module imports, module by module with the imported names, in as few facts as fit. */
export function importFacts(text: string, lines: LineIndex, program: Program): ExtractedText[] {
  const facts: { text: string; startLine: number; endLine: number }[] = []
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration') continue
    const names = statement.specifiers.map((specifier) => specifier.local.name).join(', ')
    const entry = quoteStart(names === '' ? statement.source.value : `${statement.source.value} (${names})`)
    const range = toFact(lines, statement, '')
    const last = facts.at(-1)
    if (last && last.text.length + entry.length < IMPORT_FACT_LENGTH) {
      last.text += `; ${entry}`
      last.endLine = range.endLine
    } else {
      facts.push({ ...range, text: `imports ${entry}` })
    }
  }
  return facts
}

/** The part up to its body on one line: what a reader needs in order to call it. */
function signature(text: string, part: NamedPart): string {
  return quoteStart(text.slice(part.start, Math.min(part.signatureEnd, part.start + 1000)))
    .replace(/ ?(?:=>|=|\{)$/, '')
    .trim()
}

function isExport(statement: Statement): boolean {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
    case 'ExportAllDeclaration':
    case 'TSExportAssignment':
      return true
    case 'ExpressionStatement':
      return namedParts(statement).some((part) => part.kind === 'export')
    default:
      return false
  }
}

interface Located {
  readonly start?: number | null
  readonly end?: number | null
}

function toFact(lines: LineIndex, node: Located, text: string): ExtractedText {
  const start = node.start ?? 0
  return { text, startLine: lines.lineAt(start), endLine: lines.lineAt(Math.max(start, (node.end ?? 0) - 1)) }
}

/**
 * Where the comments start that end on a line, by that line: a comment that ends on the line before a declaration belongs to
 * it, and so does one that ends on the line before that comment.
 */
function commentStartsByLastLine(
  text: string,
  lines: LineIndex,
  comments: readonly Comment[],
): ReadonlyMap<number, number> {
  const starts = new Map<number, number>()
  for (const { start, end } of comments) {
    if (typeof start !== 'number' || typeof end !== 'number') continue
    // Code before the comment on its line means that it explains that line.
    if (!/(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, start - MAX_INDENT), start))) continue
    const startLine = lines.lineAt(start)
    starts.set(lines.lineAt(end - 1), starts.get(startLine - 1) ?? startLine)
  }
  return starts
}
