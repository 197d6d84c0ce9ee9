import type { CallSubject } from './call-subject.ts'

// How the tokens of a call without an attempt of the executor are divided. Counted by the call's own token counter.
export const PREFIX_TOKENS = 1600
export const SUFFIX_TOKENS = 2600
export const TOTAL_TOKENS = PREFIX_TOKENS + SUFFIX_TOKENS

/** The most a call may use: its prompt and its answer at their longest. */
export function mostTokens({ attempt, definition }: CallSubject, maxAnswerTokens: number | undefined): number {
  const prompt = attempt ? definition.token_budget : TOTAL_TOKENS
  return prompt + (maxAnswerTokens ?? definition.token_budget)
}
