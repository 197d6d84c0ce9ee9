import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createThinkingBlock } from './thinking-block.ts'

const SEED = 20_261_123

function split(pieces: readonly string[]): { readonly reasoning: string; readonly text: string } {
  const block = createThinkingBlock()
  const parts = [...pieces.map((piece) => block.split(piece)), block.rest()]
  return {
    reasoning: parts.map(({ reasoning }) => reasoning).join(''),
    text: parts.map(({ text }) => text).join(''),
  }
}

describe('createThinkingBlock', () => {
  test.each([
    ['<think>hmm</think>\n\n42', 'hmm', '42'],
    ['\n<think>\na < b </thin\n</think>42 <think>no</think>', '\na < b </thin\n', '42 <think>no</think>'],
    ['<think></think>42', '', '42'],
    ['<think>cut off', 'cut off', ''],
    ['<think>cut off</thi', 'cut off</thi', ''],
    ['42 <think>no</think>', '', '42 <think>no</think>'],
    ['<thinker>', '', '<thinker>'],
    ['<thin', '', '<thin'],
    ['  \n', '', '  \n'],
    [`${' '.repeat(40)}<think>`, '', `${' '.repeat(40)}<think>`],
    ['', '', ''],
  ])('%j', (whole, reasoning, text) => {
    expect(split([whole])).toEqual({ reasoning, text })
    expect(split(whole.split(''))).toEqual({ reasoning, text })
  })

  test(`however a text is cut, it comes apart alike (seed ${SEED})`, () => {
    const piece = fc.constantFrom('<think>', '</think>', '<', 'th', '>', ' ', '\n', 'a', '</')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(split(pieces)).toEqual(split([pieces.join('')]))
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })
})
