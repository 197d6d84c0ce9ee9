import { expect, test } from 'vitest'

import { measure } from './freshness.ts'

test('examines a fresh pack of real files', async () => {
  const result = await measure(['--sources', '5', '--rounds', '2'])
  expect(result).toMatchObject({ sources: 5, rounds: 2, times_the_limit: expect.any(Number) })
})
