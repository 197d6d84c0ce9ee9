import { expect, test } from 'vitest'

import { measure } from './replay-mutations.ts'

test('each altered field is missed by its name, and nothing that is altered passes', async () => {
  const { misses, named, wrongly_named, others } = await measure(['--mutations', '40', '--seed', '20261123'])
  expect({ misses, named, wrongly_named }).toEqual({ misses: 40, named: 40, wrongly_named: [] })
  expect(others.misses).toBe(others.mutations)
})

test('a wrong count is one clear error', async () => {
  await expect(measure(['--mutations', '0'])).rejects.toThrow('--mutations')
})
