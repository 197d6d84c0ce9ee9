import { randomBytes } from 'node:crypto'

import { expect, test } from 'vitest'

import { randomIds } from './random-ids.ts'

test('an id has its bytes as they are, but for version and variant', () => {
  const ordered = Uint8Array.from({ length: 16 }, (_, index) => 16 * index + index)
  expect(randomIds(ordered)).toEqual(['00112233-4455-4677-8899-aabbccddeeff'])
  expect(randomIds(new Uint8Array(16).fill(0xff))).toEqual(['ffffffff-ffff-4fff-bfff-ffffffffffff'])
})

test('there is one for every 16 bytes, each another', () => {
  const ids = randomIds(randomBytes(16 * 1000))
  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(randomIds(new Uint8Array(15))).toEqual([])
})
