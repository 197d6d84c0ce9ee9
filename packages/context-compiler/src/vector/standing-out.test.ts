import fc from 'fast-check'
import { expect, test } from 'vitest'

import { standingOut } from './standing-out.ts'

const SEED = 20_261_121

test('one window among many that are alike stands out, whatever the model thinks of texts in general', () => {
  const spread = Array.from({ length: 999 }, (_, index) => Math.sin(index) / 20)
  const [best = 0, ...others] = standingOut([0.5, ...spread])
  expect(best).toBeGreaterThan(0.75)
  expect(Math.max(...others)).toBeLessThan(0.4)
  const crowded = [0.5, ...spread].map((value) => 0.8 + value / 5)
  expect(standingOut(crowded)).toEqual([best, ...others].map((score) => expect.closeTo(score, 5)))
})

test.each([[[]], [[0.7]], [[0.7, 0.7, 0.7]]])('where nothing stands out nothing scores: %j', (similarities) => {
  expect(standingOut(similarities)).toEqual(similarities.map(() => 0))
})

test(`scores lie in 0..1 and keep the order (seed ${SEED})`, () => {
  const similarity = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(similarity, { maxLength: 50 }), (similarities) => {
      const scores = standingOut(similarities)
      for (const [index, score] of scores.entries()) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThan(1)
        const lower = scores.filter((_, other) => (similarities[other] ?? 0) < (similarities[index] ?? 0))
        expect(Math.max(0, ...lower)).toBeLessThanOrEqual(score)
      }
    }),
    { seed: SEED },
  )
})
