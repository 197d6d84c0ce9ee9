import type { CaseFolding } from '@ctxlock/contracts/ports'

import type { RecordStamps } from '../../src/index.ts'

/** Ids that count up and a clock that ticks, so that no two records share either. */
export function countingStamps(start = 0): RecordStamps {
  let count = start
  return {
    uuid: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`,
    timestamp: () => `2026-11-20T12:00:00.${String((count += 1) % 1000).padStart(3, '0')}Z`,
  }
}

/** Entries of CaseFolding.txt that the lower-case mapping of JavaScript does not give. */
const FOLDED: Readonly<Record<string, string>> = { ß: 'ss', ẞ: 'ss', ς: 'σ', ſ: 's', ﬁ: 'fi', ﬀ: 'ff', ŉ: 'ʼn', İ: 'i̇' }

/** Full case folding as far as the texts of these tests need it; the pinned table belongs to another package. */
export const folding: CaseFolding = {
  unicodeVersion: 'test',
  fold: (text) => Array.from(text, (character) => FOLDED[character] ?? character.toLowerCase()).join(''),
}
