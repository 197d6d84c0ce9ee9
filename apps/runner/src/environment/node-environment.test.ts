import { expect, test } from 'vitest'

import { nodeEnvironment } from './node-environment.ts'

const { random } = nodeEnvironment

test('bytes are given away once, whatever is drawn between, and belong to whoever asked', () => {
  const given = Array.from({ length: 2000 }, (_, index) => random.bytes(16 + (index % 5)))
  const before = given.map((bytes) => Buffer.from(bytes).toString('hex'))
  expect(new Set(before.map((text) => text.slice(0, 32))).size).toBe(2000)
  random.bytes(4000)
  expect(given.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(before)
  expect(new Set(given.map(({ buffer }) => buffer)).size).toBe(2000)
})

test('more can be asked for than is drawn ahead', () => {
  const many = random.bytes(10_000)
  expect([many.length, many.some((byte) => byte !== 0), random.bytes(0).length]).toEqual([10_000, true, 0])
})
