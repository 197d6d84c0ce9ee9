import type { RedactionFinding } from '@ctxlock/contracts/ports'

/**
 * One detector. The redactor finds all triggers in one pass and asks the rule only there, so a rule must cost the same
 * bounded amount wherever it is asked: no search without a limit, no quantifier inside a quantifier (T-X-CP-02).
 */
export interface Rule {
  /** Lower-case strings; a hit of any letter case asks the rule. */
  readonly triggers: readonly string[]
  /** `start` and `end` bound the trigger. */
  find(text: string, start: number, end: number): RedactionFinding | undefined
}

/** Runs a sticky expression at one position. */
export function matchAt(expression: RegExp, text: string, index: number): RegExpExecArray | undefined {
  expression.lastIndex = index
  return expression.exec(text) ?? undefined
}

const WORD = /[A-Za-z0-9_]/

/**
 * True when no word runs on to the left of `index`. Escapes end one too: `\n` in a string literal, `%3D` in a URL, the
 * `m` that closes a terminal colour.
 */
export function startsToken(text: string, index: number): boolean {
  if (index === 0 || !WORD.test(text.charAt(index - 1))) return true
  const before = text.slice(Math.max(0, index - 8), index)
  return /\\[nrt]$|%[0-9A-Fa-f]{2}$|\p{Cc}\[[0-9;]{0,5}m$/u.test(before)
}
