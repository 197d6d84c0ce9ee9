import { randomBytes } from 'node:crypto'

import { canonicalize, keyedDigest, parseCanonical } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { RECORD_SALT } from './digest-domains.ts'
import { saltedRecord, withoutSalt } from './salted-record.ts'

const KEY = randomBytes(32)
/** Names on both sides of `salt`, and close to it. */
const names = fc.oneof(fc.constantFrom('a', 'saks', 'salt_', 'salu', 'z', 'Z', 'é'), fc.stringMatching(/^[a-z]{1,6}$/))
const records = fc.dictionary(
  names.filter((name) => name !== 'salt'),
  fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.integer(), fc.constant({ salt: 'within', b: [1] })),
)

test('a salted record is the canonical text of the record with its salt among its members', () => {
  fc.assert(
    fc.property(records, (record) => {
      const salt = keyedDigest(KEY, RECORD_SALT, canonicalize(record)).slice(0, 32)
      expect(Buffer.from(saltedRecord(KEY, record)).toString()).toBe(canonicalize({ ...record, salt }))
    }),
    { seed: 33 },
  )
})

test('without its salt it is the record again', () => {
  const record = { plan: ['read'], zone: 1 }
  expect(withoutSalt(parseCanonical(saltedRecord(KEY, record)))).toEqual(record)
})
