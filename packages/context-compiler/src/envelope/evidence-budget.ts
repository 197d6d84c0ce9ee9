import type { TokenCounter } from '@ctxlock/contracts/ports'

export interface EvidenceBudgetInput {
  /** Tokens of the whole variable suffix. */
  readonly suffix: number
  /** Texts that stand in the suffix in any case: user input, iteration state. */
  readonly pinned: readonly string[]
  /** The plan's `max_snippets_total`. */
  readonly snippets: number
  readonly counter: TokenCounter
}

/** A delimited block's own lines: two nonces, the word `lines`, a path of ordinary length. */
const DELIMITERS = `<<source 0123456789abcdef lines:1000-1040 file:${'path/'.repeat(16)}>>\n\n<<end 0123456789abcdef>>\n\n`

/**
 * The tokens left for evidence in a suffix, so that the envelope will hold what retrieval selects (ACE-072 step 3): the
 * budget less what is pinned and less the delimiters of every snippet. At least 0; paths beyond 80 characters need more.
 */
export function evidenceBudget({ suffix, pinned, snippets, counter }: EvidenceBudgetInput): number {
  const fixed = counter.count(pinned.map((text) => `${text}\n\n`).join(''))
  return Math.max(0, suffix - fixed - snippets * counter.count(DELIMITERS))
}
