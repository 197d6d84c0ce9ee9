import { expect, test } from 'vitest'

import { measure } from './swap-rules.ts'
import { rulesSegment } from './swap-rules/rules-segment.ts'
import * as steps from './swap-steps.ts'

const SEED = '20261122'

test(`calls, compactions, changes of model, crashes and recovery keep the rules the same (seed ${SEED})`, async () => {
  const result = await measure(['--sequences', '6', '--seed', SEED])
  expect(result).toMatchObject({ sequences: 6, rules_segments: 1, wire_differs: 0, left_loaded: 0, wrong_reason: 0 })
  // Without them the zeros above would say nothing.
  expect(Object.keys(result.requests).length).toBeGreaterThanOrEqual(3)
  for (const count of [result.calls, result.swaps, result.swaps_taken_back, result.crashes, result.recovered]) {
    expect(count).toBeGreaterThan(0)
  }
})

test('a segment is what stands before the task, and a request without rules is an error', () => {
  const body = (content: string) =>
    new TextEncoder().encode(JSON.stringify({ messages: [{ role: 'system', content }] }))
  const segment = rulesSegment(body('# Rules for the role worker\n\n- NEVER\n\n# Task: x'))
  expect(new TextDecoder().decode(segment)).toBe('# Rules for the role worker\n\n- NEVER\n\n')
  expect(() => rulesSegment(body('# Task: x'))).toThrow('begins with its rules')
})

test('wrong options are one clear error', async () => {
  await expect(measure(['--sequences', '0'])).rejects.toThrow(/^Expected --sequences/)
})

test('a change of model at different steps of one piece of work ends it whole, or is refused by name', async () => {
  expect(await steps.measure(['9'])).toEqual({
    steps: 20,
    swaps: 9,
    finished: 6,
    refused_by_name: 3,
    rules_segments: 1,
  })
})
