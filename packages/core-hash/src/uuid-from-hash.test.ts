import { expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { uuidFromHash } from './uuid-from-hash.ts'

test.each(vectors<{ hash: string; uuid: string }>('uuid.json'))('$uuid', ({ hash, uuid }) => {
  expect(uuidFromHash(hash)).toBe(uuid)
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('refuses what is no hash', () => {
  for (const value of ['', '0'.repeat(63), 'G'.repeat(64), 'A'.repeat(64)])
    expect(() => uuidFromHash(value)).toThrow(expect.objectContaining({ code: 'CANON_INVALID_HASH' }))
})
