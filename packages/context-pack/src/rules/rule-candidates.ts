import { severityOf, splitSentences, withoutComments } from '@ctxlock/contracts/extraction-text'

import type { MarkdownBlock, Prose } from '../markdown/blocks.ts'

export interface RuleCandidate {
  readonly severity: 'hard' | 'soft'
  readonly text: string
  readonly startLine: number
  readonly endLine: number
}

const RULE_HEADING = /\b(?:rule|constraint|guideline)s?\b/i
const SOFT_WORD = /\b(?:should|prefer(?:s|red)?|avoid(?:s|ed)?)\b/i
const CHECKBOX = /^\[[ xX]\]\s+/

/** The rules of a document in order; `parseRules` says what counts as one. */
export function* ruleCandidates(blocks: readonly MarkdownBlock[]): Generator<RuleCandidate> {
  // The rank of the heading that speaks of rules, while its section lasts.
  let ruleSection: number | undefined
  for (let index = 0; index < blocks.length; index += 1) {
    const block = blocks[index]
    if (block === undefined) continue
    if (block.kind === 'heading') {
      if (ruleSection === undefined || block.depth <= ruleSection) {
        ruleSection = RULE_HEADING.test(block.text) ? block.depth : undefined
      }
      continue
    }
    for (const unit of unitsOf(block)) {
      const severity = severityOfUnit(unit.text, block.kind === 'item' && ruleSection !== undefined)
      if (severity === undefined) continue
      const children = unit.endsBlock && unit.text.endsWith(':') ? listBelow(blocks, index, block) : []
      index += children.length
      yield {
        severity,
        text: [unit.text, children.map(textOf).join('; ')].join(' ').trim(),
        startLine: unit.startLine,
        endLine: children.at(-1)?.endLine ?? unit.endLine,
      }
    }
  }
}

interface Unit {
  readonly text: string
  readonly startLine: number
  readonly endLine: number
  readonly endsBlock: boolean
}

/** A list item is one unit; a paragraph is as many as it has sentences. */
function unitsOf(block: Prose): Unit[] {
  if (block.kind === 'item') {
    return [{ text: textOf(block), startLine: block.startLine, endLine: block.endLine, endsBlock: true }]
  }
  const sentences = splitSentences(block.lines, block.startLine)
  return sentences.map((sentence, index) => ({
    text: withoutComments(sentence.text).trim(),
    startLine: sentence.startLine,
    endLine: sentence.endLine,
    endsBlock: index === sentences.length - 1,
  }))
}

function severityOfUnit(text: string, mayBeSoft: boolean): 'hard' | 'soft' | undefined {
  if (severityOf(text) === 'hard') return 'hard'
  return mayBeSoft && SOFT_WORD.test(text) ? 'soft' : undefined
}

/** The items and paragraphs nested below a block that introduces them: without them the rule would say nothing. */
function listBelow(blocks: readonly MarkdownBlock[], index: number, lead: Prose): Prose[] {
  const below: Prose[] = []
  for (let next = index + 1; next < blocks.length; next += 1) {
    const block = blocks[next]
    if (block === undefined || block.kind === 'heading' || block.level <= lead.level) break
    below.push(block)
  }
  return below
}

function textOf(block: Prose): string {
  return withoutComments(block.lines.join('\n')).trim().replace(CHECKBOX, '')
}
