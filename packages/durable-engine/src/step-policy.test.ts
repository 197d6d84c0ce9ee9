import { expect, test } from 'vitest'

import { delayAfter, isRetryable, stepPolicy } from './step-policy.ts'

test.each([
  { maxAttempts: 0 },
  { maxAttempts: 1.5 },
  { initialMs: -1 },
  { initialMs: Number.NaN },
  { maxMs: Infinity },
  { factor: 0.5 },
])('the policy %j is refused', (retry) => {
  expect(() => stepPolicy({ key: 'k', retry })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})

test.each([0, -1, Number.NaN, 2 ** 31])('the time limit %d is refused', (timeoutMs) => {
  expect(() => stepPolicy({ key: 'k', timeoutMs })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})

test('delays grow to the most, and a part of them is random', () => {
  const policy = stepPolicy({ key: 'k', retry: { maxAttempts: 9, initialMs: 100, factor: 3, maxMs: 1000 } })
  expect([1, 2, 3, 4].map((attempt) => delayAfter(policy, attempt, 0))).toEqual([100, 300, 900, 1000])
  expect(delayAfter(policy, 2, 0.5)).toBe(225)
  expect(delayAfter(policy, 400, 0.9)).toBe(550)
})

test('an error says itself that it is of no use to try again', () => {
  expect([new Error('x'), Object.assign(new Error('x'), { retryable: false }), 'x'].map(isRetryable)).toEqual([
    true,
    false,
    true,
  ])
})
