import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { cutToTokens, tailWithinTokens } from './prompt-sections.ts'

const SEED = 20_261_201

test('a text that fits stays as it is', () => {
  expect(cutToTokens('x'.repeat(800), 200, codePointsPerFour.count)).toEqual({ text: 'x'.repeat(800), isCut: false })
})

test('of a longer one the beginning and the end stay, and what is cut is said', () => {
  const { text, isCut } = cutToTokens(`first ${'x'.repeat(4000)} last`, 200, codePointsPerFour.count)
  expect(isCut).toBe(true)
  expect(text).toMatch(/^first x+\n\[… cut: 200 of 1003 tokens are shown …\]\nx+ last$/)
})

test(`never more than the limit, never half a character (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 900 }), fc.integer({ min: 20, max: 220 }), (given, limit) => {
      const { text, isCut } = cutToTokens(given, limit, codePointsPerFour.count)
      expect(codePointsPerFour.count(text)).toBeLessThanOrEqual(limit)
      expect(text.isWellFormed()).toBe(true)
      expect(isCut).toBe(codePointsPerFour.count(given) > limit)
    }),
    { seed: SEED, numRuns: 50 },
  )
})

test(`of what a command said its end stays, within the limit, never half a character (seed ${SEED})`, () => {
  expect(tailWithinTokens(`first ${'x'.repeat(4000)} last`, 20, codePointsPerFour.count)).toMatch(
    /^\[… cut …\]x+ last$/,
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 900 }), fc.integer({ min: 5, max: 220 }), (given, limit) => {
      const tail = tailWithinTokens(given, limit, codePointsPerFour.count)
      expect(codePointsPerFour.count(tail)).toBeLessThanOrEqual(limit)
      expect(tail.isWellFormed()).toBe(true)
      expect(given.endsWith(tail.replace(/^\[… cut …\]/, ''))).toBe(true)
    }),
    { seed: SEED, numRuns: 50 },
  )
})
