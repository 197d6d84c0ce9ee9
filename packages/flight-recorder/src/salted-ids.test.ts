import { randomBytes } from 'node:crypto'

import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import { expect, test } from 'vitest'

import { saltedIds } from './salted-ids.ts'
import type { SaltedId } from './salted-ids.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function writtenOf(one: SaltedId): string {
  const out = new Utf8Buffer()
  one.writeId(out)
  one.writeSalt(out)
  return String(out)
}

test('an id and a salt have their bytes as they are, but for version and variant', () => {
  const ordered = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
  const next = saltedIds({ bytes: (count) => ordered.subarray(0, count) })
  expect(next()).toMatchObject({ id: '00010203-0405-4607-8809-0a0b0c0d0e0f', salt: '101112131415161718191a1b1c1d1e1f' })
  const full = saltedIds({ bytes: (count) => new Uint8Array(count).fill(0xff) })()
  expect(full).toMatchObject({ id: 'ffffffff-ffff-4fff-bfff-ffffffffffff', salt: 'f'.repeat(32) })
})

test('each is another, however many are asked for, and is written as it is read', () => {
  const next = saltedIds({ bytes: randomBytes })
  const drawn = Array.from({ length: 3000 }, next)
  expect(new Set(drawn.map(({ id }) => id)).size).toBe(3000)
  expect(new Set(drawn.map(({ salt }) => salt)).size).toBe(3000)
  for (const one of drawn) {
    expect(one.id).toMatch(UUID)
    expect(one.salt).toMatch(/^[0-9a-f]{32}$/)
    expect(writtenOf(one)).toBe(`"${one.id}""${one.salt}"`)
  }
})

test('of random bytes few are asked for at first, and none twice', () => {
  const asked: number[] = []
  const next = saltedIds({ bytes: (count) => (asked.push(count), randomBytes(count)) })
  for (let index = 0; index < 17; index++) next()
  expect(asked).toEqual([512, 1024])
  for (let index = 0; index < 10_000; index++) next()
  expect(Math.max(...asked)).toBe(32 * 1024)
  expect(asked.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(32 * 10_017)
})
