import { formatQuotation } from '@ctxlock/contracts/evidence'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { bestSpans } from './ranking.ts'
import type { ReadPrompt } from './prompt.ts'

export const DISPLAY_NAME = 'extractive (not a language model)'

const NOTHING = 'nothing in the given sources matches the question.'

export interface Answer {
  /** In the order they are streamed; joined they are the answer. */
  readonly pieces: readonly string[]
  /** True when the output limit left something out. */
  readonly shortened: boolean
}

/**
 * The answer to a prompt within a limit of tokens: a line that says what this is, then quotations, best first. A limit
 * leaves whole quotations out rather than cutting one.
 */
export function answer({ question, blocks }: ReadPrompt, maxTokens = Number.POSITIVE_INFINITY): Answer {
  const spans = bestSpans(question, blocks)
  const found = spans.length > 0 ? 'the spans of the given sources that match the question best, verbatim.' : NOTHING
  const headline = `${DISPLAY_NAME}: ${found}\n`
  if (codePointsPerFour.count(headline) > maxTokens) {
    return {
      pieces: [
        Array.from(headline)
          .slice(0, maxTokens * 4)
          .join(''),
      ],
      shortened: true,
    }
  }
  const pieces = [headline]
  for (const span of spans) {
    const piece = `\n${formatQuotation(span)}\n`
    if (codePointsPerFour.count([...pieces, piece].join('')) > maxTokens) return { pieces, shortened: true }
    pieces.push(piece)
  }
  return { pieces, shortened: false }
}
