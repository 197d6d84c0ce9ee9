import type { CallSubject } from '../call-subject.ts'

// How the tokens of a call without an attempt of the executor are divided. Counted by the call's own token counter.
export const PREFIX_TOKENS = 1600
export const SUFFIX_TOKENS = 2600
export const TOTAL_TOKENS = PREFIX_TOKENS + SUFFIX_TOKENS

/** The most a call may use, in tokens: its prompt and its answer at their longest. */
export function mostUsed({ attempt, definition }: CallSubject, maxAnswerTokens: number | undefined) {
  return {
    inputTokens: attempt ? definition.token_budget : TOTAL_TOKENS,
    outputTokens: maxAnswerTokens ?? definition.token_budget,
  }
}

/** Both together. */
export function mostTokens(subject: CallSubject, maxAnswerTokens: number | undefined): number {
  const { inputTokens, outputTokens } = mostUsed(subject, maxAnswerTokens)
  return inputTokens + outputTokens
}
