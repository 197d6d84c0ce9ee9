import type { ExtractedConstraint, ExtractedText } from '../extractor.ts'

import type { LineIndex } from './line-index.ts'
import { oneLine, quoteStart } from './pack-text.ts'
import type { Sentence } from './sentences.ts'

/** A column is GENERATED ALWAYS, and what is NOT REQUIRED is left to everybody. */
const HARD = /\b(?:MUST|SHALL|NEVER|(?<!\bGENERATED )ALWAYS|DO NOT|(?<!\bNOT )REQUIRED)\b/
const SOFT = /\b(?:SHOULD|RECOMMENDED)\b/
const OPEN_LOOP = /\b(?:TODO|FIXME)\b(?=[:(\s])[^\n]*/g
const COMMENT_END = / ?(?:\*\/|-->|#\}|%>)$/
const CODE_SPAN = /`[^`]*`/g

/** False for most text, at a fraction of the cost of finding out what it demands or leaves open. */
export function mayHoldDemands(text: string): boolean {
  return /[A-Z]{4}|DO NOT/.test(text)
}

/** `hard` for the upper-case words that admit no exception, whatever stands in code spans; undefined for ordinary text. */
export function severityOf(sentence: string): 'hard' | 'soft' | undefined {
  if (!HARD.test(sentence) && !SOFT.test(sentence)) return undefined
  const prose = withoutComments(sentence).replace(CODE_SPAN, ' ')
  return HARD.test(prose) ? 'hard' : SOFT.test(prose) ? 'soft' : undefined
}

/**
 * The sentences that demand or advise something, each with its lines and severity, in the order of the text. What a licence
 * disclaims at the head of every file demands nothing of who works on it.
 */
export function normativeConstraints(sentences: readonly Sentence[]): ExtractedConstraint[] {
  return sentences.flatMap((sentence) => {
    const severity = severityOf(sentence.text)
    return severity && !isDisclaimer(sentence.text) ? [{ ...sentence, text: quoteStart(sentence.text), severity }] : []
  })
}

function isDisclaimer(sentence: string): boolean {
  const words = oneLine(sentence).toUpperCase()
  return (words.includes('IN NO EVENT') && words.includes('LIABLE')) || words.includes('PROVE DEFECTIVE')
}

/** What a TODO or FIXME says, to the end of its line. */
export function openLoopsIn(text: string, lines: Pick<LineIndex, 'lineAt'>): ExtractedText[] {
  const loops: ExtractedText[] = []
  for (const match of text.matchAll(OPEN_LOOP)) {
    const line = lines.lineAt(match.index)
    loops.push({ text: quoteStart(match[0]).replace(COMMENT_END, ''), startLine: line, endLine: line })
  }
  return loops
}

/** Drops HTML comments: nobody sees them on the rendered page, so they must not bind anyone either. */
export function withoutComments(text: string): string {
  let visible = ''
  let from = 0
  for (let start = text.indexOf('<!--'); start !== -1; start = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', start + 4)
    if (end === -1) break
    visible += `${text.slice(from, start)} `
    from = end + 3
  }
  return visible + text.slice(from)
}
