import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cut } from './segments.ts'
import { transform, VIEWS } from './views.ts'

const SEED = 20261120

// Everything that makes normalisation depend on its neighbours: marks, Hangul jamo, ignorables, halfwidth voicing marks,
// case folding that grows, compatibility forms, lone surrogates.
const nasty = fc.constantFrom(
  ...Array.from('aeAE İſßẞﬁﬃǅΐᾈςΣ가각ᄀ𐐀𝐢ｉﬀ℃½,.-_()"\'\n\t'),
  ...Array.from('\u0301\u0323\u0336\u0345\u0344\u0f73\u200b\u00ad\u034f\u3164\0\x1b\ufe0f\u{e0061}\u{e0100}'),
  ...Array.from('\uff76\uff9e\uff9f\u0e33\u0e4d\u3099\u{16d63}\u{16d67}\u{1109a}\u{110ba}\u2126\u212b\ufdfa\u0439'),
  '\ud800',
  '\udc00',
)
const nastyText = fc.string({ unit: nasty, maxLength: 80 })

describe('cut', () => {
  it('cuts only where the view of a text is the views of its pieces put together', () => {
    fc.assert(
      fc.property(fc.oneof(nastyText, fc.string({ unit: 'binary' })), fc.constantFrom(1, 4, 16), (text, size) => {
        const starts = cut(text, size)
        const pieces = starts.map((start, index) => text.slice(start, starts[index + 1]))
        expect(pieces.join('')).toBe(text)
        for (const view of VIEWS) {
          const together = pieces.map((piece) => transform(view, piece)).join('')
          expect(together, view.id).toBe(transform(view, text))
        }
      }),
      { seed: SEED, numRuns: 1500 },
    )
  })

  it('never cuts a pair of surrogates', () => {
    expect(cut('😀😀')).toEqual([0, 2])
    expect(cut('')).toEqual([])
    expect(cut('\u0301a')).toEqual([0, 1])
  })

  it('keeps a long run of marks whole however long it is', () => {
    expect(cut('a' + '\u0301\u0323'.repeat(200) + 'b')).toEqual([0, 401])
  })
})
