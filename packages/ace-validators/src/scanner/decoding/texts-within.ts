import { DECODINGS } from './decodings.ts'
import type { DerivedText } from './derived-text.ts'

/** A text that another one holds in another spelling. */
export interface TextWithin extends DerivedText {
  /** The decodings that lead to it, the outermost first, with a dot between. */
  readonly id: string
}

/** Texts within texts that are looked at: base64 of base64, and no further. */
const MOST_DECODINGS = 2

/**
 * The texts a text holds, each followed by those it holds itself; decoded when they are asked for. With its places each takes twenty
 * bytes for a character of the text it came from, so nobody should keep them.
 */
export function* textsWithin(text: string, depth = MOST_DECODINGS): Generator<TextWithin, void> {
  if (depth === 0) return
  for (const { id, decode } of DECODINGS) {
    const derived = decode(text)
    if (derived === undefined) continue
    yield { id, ...derived }
    for (const inner of textsWithin(derived.text, depth - 1))
      yield { ...inner, id: `${id}.${inner.id}`, rangeOf: (range) => derived.rangeOf(inner.rangeOf(range)) }
  }
}
