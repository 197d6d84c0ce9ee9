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

/** A colour or another sign to a terminal, as it is or as source code writes it. */
export const COLOUR = String.raw`(?:\x1b|\\(?:e|0?33|x1[bB]|u001[bB]))\[[0-9;:?]{0,19}[A-Za-z]`
/** What ends a word although its own last character is a letter or digit, besides what `plainSpelling` writes plainly. */
export const ESCAPE = String.raw`\\[nrt]|${COLOUR}`
/** No escape has more UTF-16 units. */
const LONGEST_ESCAPE = 28

/** The text before `index` that may hold an escape. */
export function before(text: string, index: number): string {
  return text.slice(Math.max(0, index - LONGEST_ESCAPE), index)
}

const WORD = /[A-Za-z0-9_]/
const WORD_ENDS = new RegExp(`(?:${ESCAPE})$`)

/** True when no word runs on to the left of `index`. Escapes such as the `\n` of a string literal end one too. */
export function startsToken(text: string, index: number): boolean {
  return index === 0 || !WORD.test(text.charAt(index - 1)) || WORD_ENDS.test(before(text, index))
}

export function finding(
  category: RedactionFinding['category'],
  detector_id: string,
  start: number,
  end: number,
): RedactionFinding {
  return { category, detector_id, start, end }
}
