import { type LineIndex, quoteStart } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, ExtractedText } from '@ctxlock/contracts/extractor'

import type { Outline, Part, Span } from './outline.ts'
import { startWithComments } from './preceding-comments.ts'

const SIGNATURE_LENGTH = 1000
const IMPORT_FACT_LENGTH = 400

/** The anchors of a module: its declarations at depth 0, members of classes, namespaces and test groups at depth 1. */
export function outlineAnchors(text: string, lines: LineIndex, { parts, comments }: Outline): ExtractedAnchor[] {
  return parts.flatMap((part) => [
    toAnchor(part, part.name, 0),
    ...part.members.map((member) => toAnchor(member, `${part.name}.${member.name}`, 1)),
  ])

  function toAnchor(part: Part, name: string, depth: number): ExtractedAnchor {
    const { startLine, endLine } = linesOf(lines, { ...part, start: startWithComments(text, comments, part.start) })
    return { name, kind: part.kind, hint: signature(text, part), depth, startLine, endLine }
  }
}

/** One fact for everything a module exports: its signature. */
export function exportFacts(text: string, lines: LineIndex, { parts }: Outline): ExtractedText[] {
  return parts
    .filter(({ isExport }) => isExport)
    .map((part) => ({ text: signature(text, part), ...linesOf(lines, part) }))
}

/** What the module imports, module by module with the imported names, in as few facts as fit. */
export function importFacts(lines: LineIndex, { imports }: Outline): ExtractedText[] {
  const facts: { text: string; startLine: number; endLine: number }[] = []
  for (const { module, names, ...span } of imports) {
    const entry = quoteStart(names.length === 0 ? module : `${module} (${names.join(', ')})`)
    const range = linesOf(lines, span)
    const last = facts.at(-1)
    if (last && last.text.length + entry.length < IMPORT_FACT_LENGTH) {
      last.text += `; ${entry}`
      last.endLine = range.endLine
    } else {
      facts.push({ text: `imports ${entry}`, ...range })
    }
  }
  return facts
}

/** The part up to its body on one line: what a reader needs in order to call it. */
function signature(text: string, { start, signatureEnd }: Part): string {
  return quoteStart(text.slice(start, Math.min(signatureEnd, start + SIGNATURE_LENGTH)))
    .replace(/ ?(?:=>|=|\{)$/, '')
    .trim()
}

function linesOf(lines: LineIndex, { start, end }: Span) {
  return { startLine: lines.lineAt(start), endLine: lines.lineAt(Math.max(start, end - 1)) }
}
