import type { TokenCounter } from './ports.ts'

const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g

/** The counter used when a model's own tokenizer is not at hand: code points divided by four, rounded up (ACE-055). */
export const codePointsPerFour: TokenCounter = {
  id: 'code_points_per_four@1',
  count(text) {
    const pairs = text.match(PAIRS)?.length ?? 0
    return Math.ceil((text.length - pairs) / 4)
  },
}
