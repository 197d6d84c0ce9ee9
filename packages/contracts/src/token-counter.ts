import type { TokenCounter } from './ports.ts'

/** The counter used when a model's own tokenizer is not at hand: code points divided by four, rounded up (ACE-055). */
export const codePointsPerFour: TokenCounter = {
  id: 'code_points_per_four@1',
  count(text) {
    let codePoints = 0
    for (const _ of text) codePoints += 1
    return Math.ceil(codePoints / 4)
  },
}
