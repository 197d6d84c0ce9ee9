import type { DerivedText } from './derived-text.ts'
import { encodedRuns } from './encoded-runs.ts'
import { withoutEscapes } from './escapes.ts'
import { hiddenText } from './hidden-text.ts'
import { asShown, withoutDeleted } from './reordered.ts'

/** One way in which a text can hold another one. The time is linear in the text, and what comes out is at most twice as long. */
export interface Decoding {
  readonly id: 'runs' | 'escapes' | 'hidden' | 'shown' | 'deleted'
  decode(text: string): DerivedText | undefined
}

export const DECODINGS: readonly Decoding[] = [
  { id: 'runs', decode: encodedRuns },
  { id: 'escapes', decode: withoutEscapes },
  { id: 'hidden', decode: hiddenText },
  { id: 'shown', decode: asShown },
  { id: 'deleted', decode: withoutDeleted },
]
