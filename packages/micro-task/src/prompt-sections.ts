/** Tokens of the sections of an iteration's prompt (spec 08 section 5); files get what the others leave of the token budget. */
export const SECTION_TOKENS = {
  system_rules: 300,
  iteration_context: 200,
  /** Soft: a longer definition is shown whole, at the cost of the files (MT-020). */
  work_unit_definition: 500,
  previous_output: 200,
} as const

/** With less room for files an iteration fails as `context_overflow` (MT-020). */
export const LEAST_FILE_TOKENS = 64

/**
 * A text within so many tokens. Of a longer one the beginning and the end stay, because a task begins with what matters and an error
 * ends with it; what is left out between is said in its place. `count` may not fall when a text grows.
 */
export function cutToTokens(
  text: string,
  limit: number,
  count: (text: string) => number,
): { readonly text: string; readonly isCut: boolean } {
  const tokens = count(text)
  if (tokens <= limit) return { text, isCut: false }
  const points = Array.from(text)
  const keeping = (kept: number) => {
    const head = points.slice(0, Math.ceil(kept / 2)).join('')
    const tail = points.slice(points.length - Math.floor(kept / 2)).join('')
    return `${head}\n[… cut: ${limit} of ${tokens} tokens are shown …]\n${tail}`
  }
  return { text: longest(points.length, keeping, (kept) => count(kept) <= limit), isCut: true }
}

/** The end of a text within so many tokens: what a command says last is why it failed. */
export function tailWithinTokens(text: string, limit: number, count: (text: string) => number): string {
  if (count(text) <= limit) return text
  const points = Array.from(text)
  const keeping = (kept: number) => `[… cut …]${points.slice(points.length - kept).join('')}`
  return longest(points.length, keeping, (kept) => count(kept) <= limit)
}

/** The text that keeps the most of what there is and still fits. */
function longest(most: number, keeping: (kept: number) => string, isWithin: (text: string) => boolean): string {
  let [fits, tooMany] = [0, most]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (isWithin(keeping(middle))) fits = middle
    else tooMany = middle
  }
  return keeping(fits)
}
