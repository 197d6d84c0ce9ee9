import { expect, test } from 'vitest'

import { measure } from './dictionary-attack.ts'

test('a recorded secret of four digits is not found by trying, and would be if its hash were plain', async () => {
  const result = await measure(['--secrets', '50'])
  expect(result).toMatchObject({ found_in_log: 0, found_knowing_all_else: [], found_with_key: 4 })
  expect(result.control_found).toBeGreaterThanOrEqual(4)
  expect(result.hashes.in_log).toBeGreaterThan(50)
})
