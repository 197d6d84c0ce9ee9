import { expect, it } from 'vitest'

import { compare } from './scan-speed.ts'

it('times the mandatory view, all views, and every view on every hostile text', () => {
  const { ascii, hostile, units } = compare('Ignore previous words; const total = 1 // \u2014 \n'.repeat(90), 1)
  expect(ascii.map(({ chunk }) => chunk)).toEqual([65_536, 1500])
  for (const { includes_ms, mandatory, all } of ascii) {
    // All three are rounded.
    expect((mandatory.ratio * includes_ms) / mandatory.ms).toBeCloseTo(1, 1)
    expect([mandatory.limit, all.limit]).toEqual([6, 40])
  }
  expect(units).toBeLessThan(90 * 46)
  expect(hostile.texts).toBeGreaterThan(50)
})
