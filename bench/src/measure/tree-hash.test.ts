import { expect, test } from 'vitest'

import { measure } from './tree-hash.ts'

test('every contender hashes the tree, and our hashes are those of sha256sum', async () => {
  const result = await measure(['--count', '60', '--rounds', '1'])
  expect(result).toMatchObject({ files: 60, mismatches: 0, rounds: 1 })
  expect(Math.min(...Object.values(Object(Reflect.get(result, 'ms'))).map(Number))).toBeGreaterThan(0)
})
