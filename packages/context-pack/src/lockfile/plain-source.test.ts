import { Lockfile, LockedSource } from '@ctxlock/contracts/lockfile'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isPlainSource, parseLockfileValue } from './plain-source.ts'

const HASH = 'a1'.repeat(32)
const odd = fc.oneof(
  fc.constantFrom(undefined, null, -1, -0, 1.5, 2 ** 53, Number.NaN, '', HASH.toUpperCase(), HASH.slice(1), [HASH], {}),
  fc.constantFrom(
    '../up',
    '/root',
    'a//b',
    'a/./b',
    'a\u0000b',
    'e\u0301',
    'C:x',
    'a/',
    '\ud800',
    'x'.repeat(4097),
    'plain',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const field = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: odd })
const source = fc.record(
  {
    path: field(fc.constantFrom('a.ts', 'src/ü.ts', 'x'.repeat(4096))),
    hash: field(fc.constant(HASH)),
    size: field(fc.nat()),
    tokens: field(fc.nat()),
    mode: field(fc.constant('executable')),
    link: field(fc.constant('b/c.ts')),
    pack: field(fc.constant(HASH)),
  },
  { requiredKeys: [] },
)
const entry = fc
  .tuple(source, fc.constantFrom({}, {}, {}, { more: 1 }, { not_packed: 'binary' }, { ['__proto__']: 1 }))
  .map(([fields, more]) => ({ ...fields, ...more }))

test('what is judged without the schema is right by the schema', () => {
  let plain = 0
  fc.assert(
    fc.property(entry, (value) => {
      if (!isPlainSource(value)) return
      plain += 1
      expect(LockedSource.safeParse(value)).toEqual({ success: true, data: value })
    }),
    { numRuns: 5000, seed: 5 },
  )
  expect(plain).toBeGreaterThan(100)
})

test('every packed source of the usual form is judged without it', () => {
  expect(isPlainSource({ path: 'a.ts', size: 1, tokens: 2, hash: HASH, pack: HASH })).toBe(true)
  expect(isPlainSource({ path: 'b', mode: 'executable', link: 'a', size: 0, hash: HASH, pack: HASH })).toBe(true)
  expect(isPlainSource({ path: 'a.ts', size: 1, hash: HASH, not_packed: 'binary' })).toBe(false)
})

test('a whole lockfile is judged as the schema judges it', () => {
  const lockfile = fc.record({
    schema_version: fc.constantFrom('ctxlock.lock@2', 'ctxlock.lock@3'),
    builder: fc.constant({ tool_id: 'a', tool_version: '1', config_hash: HASH }),
    token_counter: fc.constantFrom('counter', ''),
    sources: fc.array(entry, { maxLength: 3 }),
    excluded: fc.constantFrom([], [{ path: 'x', reason: 'vendored' }], [{ path: 'x' }]),
    roles: fc.constant([]),
    rules: fc.constant([]),
    tasks: fc.constant([]),
    reads: fc.constant([]),
    lock_hash: fc.constant(HASH),
  })
  fc.assert(
    fc.property(fc.oneof(lockfile, fc.constantFrom(null, 'text', {}, { sources: [] }, { sources: {} })), (value) => {
      const judged = parseLockfileValue(value)
      const { success, data } = Lockfile.safeParse(value)
      expect({ success: judged.success, data: judged.data }).toEqual({ success, data })
    }),
    { numRuns: 500, seed: 6 },
  )
})
