import { createLineIndex, quoteStart, type LineIndex } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'

import { commentRemarks } from '../tree/comment-text.ts'
import { splitSql, type SqlStatement } from './statements.ts'

/** UTF-16 units; more is a dump. */
const MAX_LENGTH = 1024 * 1024
const PART = String.raw`(?:[\w$#@]+|"[^"]+"|\`[^\`]+\`|\[[^\]]+\])`
const NAME = String.raw`(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(${PART}(?:\s*\.\s*${PART})*)`
const OBJECT =
  'TABLE|VIEW|PROCEDURE|PROC|FUNCTION|AGGREGATE|(?:EVENT\\s+)?TRIGGER|INDEX(?:\\s+CONCURRENTLY)?|TYPE(?:\\s+BODY)?|SEQUENCE|SCHEMA|DATABASE|TABLESPACE|DOMAIN|EXTENSION|ACCESS\\s+METHOD|ROLE|USER|POLICY|RULE|EVENT|SERVER|PUBLICATION|SUBSCRIPTION|SYNONYM|PACKAGE(?:\\s+BODY)?'
const CREATE = new RegExp(String.raw`^CREATE\s+(?:[\w=@%.\x60]+\s+){0,6}?(${OBJECT})\s+${NAME}`, 'i')
/** PostgreSQL finds a name for an index that has none. */
const UNNAMED_INDEX = new RegExp(
  String.raw`^CREATE\s+(?:UNIQUE\s+)?(INDEX)\s+(?:CONCURRENTLY\s+)?(ON\s+(?:ONLY\s+)?${NAME})`,
  'i',
)
const OTHER = new RegExp(
  String.raw`^(ALTER\s+(?:${OBJECT})|DROP\s+(?:${OBJECT})|INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COMMENT\s+ON\s+\w+|GRANT|USE|EXEC(?:UTE)?)\s+${NAME}`,
  'i',
)
const BODY = /\$\w*\$|\bAS\b|\bBEGIN\b|\bRETURN\b/i

/**
 * Statements of SQL scripts, whatever the dialect: what a script creates at depth 0, everything else at depth 1. Hints end
 * before values and bodies.
 */
export function extractSql(text: string): Extraction | ExtractionRefusal {
  if (text.length > MAX_LENGTH) return { refused: 'too_large' }
  const lines = createLineIndex(text)
  const { statements, comments } = splitSql(text)
  const above = startsByLastLine(text, lines, comments)
  const anchors = statements.map((statement) => anchorOf(text, lines, statement, above))
  const remarks = comments.map(({ start, end }) => commentRemarks(text.slice(start, end), lines.lineAt(start)))
  return {
    anchors,
    facts: anchors
      .filter(({ depth }) => depth === 0)
      .map(({ hint, startLine, endLine }) => ({ text: hint, startLine, endLine })),
    constraints: remarks.flatMap(({ constraints }) => constraints),
    openLoops: remarks.flatMap(({ openLoops }) => openLoops),
  }
}

function anchorOf(
  text: string,
  lines: LineIndex,
  { start, end }: SqlStatement,
  above: ReadonlyMap<number, number>,
): ExtractedAnchor {
  const head = text.slice(start, Math.min(end, start + 600))
  const firstLine = lines.lineAt(start)
  const range = { startLine: above.get(firstLine - 1) ?? firstLine, endLine: lines.lineAt(Math.max(start, end - 1)) }
  const [, object, created] = UNNAMED_INDEX.exec(head) ?? CREATE.exec(head) ?? []
  if (object !== undefined && created !== undefined) {
    return {
      name: plainName(created),
      kind: kindOf(object),
      hint: quoteStart(signature(head, object)),
      depth: 0,
      ...range,
    }
  }
  const [said = '', action = /^\w*/.exec(head)?.[0] ?? '', subject] = OTHER.exec(head) ?? []
  const name = quoteStart(
    subject === undefined ? action.toLowerCase() : `${action.toLowerCase()} ${plainName(subject)}`,
  )
  return { name: name || 'statement', kind: 'statement', hint: quoteStart(said) || name, depth: 1, ...range }
}

/** Up to the body of a routine or a view, the columns of a table, the value of anything else. */
function signature(head: string, object: string): string {
  const end = /^(?:PROC|FUNC|TRIG|VIEW|EVENT|PACK)/i.test(object) ? head.search(BODY) : head.search(/[(;=']|\bAS\b/i)
  return (end === -1 ? head : head.slice(0, end)).replace(/;\s*$/, '')
}

function kindOf(object: string): string {
  return object
    .toLowerCase()
    .replace(/\s+(?:body|concurrently)$/, '')
    .replace(/\s+/, ' ')
    .replace(/^proc$/, 'procedure')
}

function plainName(name: string): string {
  return quoteStart(name.replace(/["`[\]]/g, '').replace(/\s*\.\s*/g, '.'))
}

/** Where the comments start that stand alone and end on a line, by that line. */
function startsByLastLine(
  text: string,
  lines: LineIndex,
  comments: readonly SqlStatement[],
): ReadonlyMap<number, number> {
  const starts = new Map<number, number>()
  for (const { start, end } of comments) {
    if (!/(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, start - 200), start))) continue
    const first = lines.lineAt(start)
    starts.set(lines.lineAt(end - 1), starts.get(first - 1) ?? first)
  }
  return starts
}
