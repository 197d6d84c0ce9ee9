import { expect, test } from 'vitest'

import { measure } from './bundle-attacks.ts'

test('no changed bundle is accepted by either verifier, also none that was sealed again', async () => {
  const { by_kind, ...result } = await measure(['--count', '300', '--seed', '7'])
  expect(result).toMatchObject({ seed: 7, attacks: 300, missed: 0, disagreements: 0 })
  expect(result.incomplete).toBeLessThanOrEqual(by_kind['lose'] ?? 0)
  expect(Object.keys(by_kind)).toHaveLength(11)
})
