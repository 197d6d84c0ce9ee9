import { expect, test } from 'vitest'

import { costJson, costText } from './cost-text.ts'

test.each([
  [{ known: 0, unknown_calls: 0, limit: null }, '0.000000 USD', { micro_usd: 0, unknown_calls: 0 }],
  [{ known: 1_234_567, unknown_calls: 0, limit: null }, '1.234567 USD', { micro_usd: 1_234_567, unknown_calls: 0 }],
  [
    { known: 5, unknown_calls: 0, limit: 2_000_000 },
    '0.000005 of 2.000000 USD',
    { micro_usd: 5, unknown_calls: 0, limit_micro_usd: 2_000_000 },
  ],
  [{ known: 0, unknown_calls: 2, limit: null }, 'cost unknown (2 calls)', { micro_usd: null, unknown_calls: 2 }],
  [
    { known: 7, unknown_calls: 1, limit: null },
    '0.000007 USD and 1 call of unknown cost',
    { micro_usd: 7, unknown_calls: 1 },
  ],
])('what is unknown is said, and never shown as nothing: %#', (cost, text, json) => {
  const state = { ...cost, open_calls: 0, charged: cost.known }
  expect(costText(state)).toBe(text)
  expect(costJson(state)).toEqual(json)
})
