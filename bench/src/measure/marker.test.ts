import { expect, test } from 'vitest'

import { OUTCOMES } from './marker/marker-case.ts'
import { measure } from './marker.ts'

test('a marker in prompt, key, URL, tools, reply, headers and error bodies shows in nothing that is logged', async () => {
  const { total, hits, failed } = await measure(['--cases', '300'])
  expect({ total, hits }).toEqual({ total: 300, hits: 0 })
  // Every outcome really came about: only the successes did not fail.
  expect(failed).toEqual(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, outcome === 'success' ? 0 : 30])))
})

test('options that are no numbers are refused', async () => {
  await expect(measure(['--cases', 'many'])).rejects.toThrow(/^Expected --cases N/)
})
