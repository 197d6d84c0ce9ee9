import { randomBytes } from 'node:crypto'

import { canonicalize, parseCanonical } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { saltedRecord, withoutSalt } from './salted-record.ts'

const KEY = randomBytes(32)
/** Names on both sides of `salt`, and close to it. */
const names = fc.oneof(fc.constantFrom('a', 'saks', 'salt_', 'salu', 'z', 'Z', 'é'), fc.stringMatching(/^[a-z]{1,6}$/))
const records = fc.dictionary(
  names.filter((name) => name !== 'salt'),
  fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.integer(), fc.constant({ salt: 'within', b: [1] })),
)

test("a salted record is canonical, is the record but for its salt, and its salt is nobody's without the key", () => {
  fc.assert(
    fc.property(records, (record) => {
      const stored = saltedRecord(KEY, record)
      const read = parseCanonical(stored)
      expect(canonicalize(withoutSalt(read))).toBe(canonicalize(record))
      expect(read).toHaveProperty('salt', expect.stringMatching(/^[0-9a-f]{32}$/))
      expect(saltedRecord(KEY, record)).toEqual(stored)
      expect(saltedRecord(randomBytes(32), record)).not.toEqual(stored)
    }),
    { seed: 33 },
  )
})

test('what has no salt is left as it is', () => {
  expect([withoutSalt({ plan: ['read'] }), withoutSalt('text'), withoutSalt(null)]).toEqual([
    { plan: ['read'] },
    'text',
    null,
  ])
})
