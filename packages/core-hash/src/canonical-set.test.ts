import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalSet } from './canonical-set.ts'
import { canonicalHash } from './sha256.ts'

fc.configureGlobal({ seed: 20_260_212 })

test('strings go by UTF-16 code unit, each once (CJ-027)', () => {
  expect(canonicalSet(['b', '\uff5e', 'a', '😀', 'b', 'A', '10', '9', ''])).toEqual([
    '',
    '10',
    '9',
    'A',
    'a',
    'b',
    '😀',
    '\uff5e',
  ])
  // By canonical text they would go the other way round: a quote closes the shorter one.
  expect(canonicalSet(['a', 'a!'])).toEqual(['a', 'a!'])
})

test('objects go by canonical text, and spellings of one value are one element', () => {
  const tool = { tool_id: 'a', config_hash: 'x' }
  const elements = [
    { tool_id: 'b', config_hash: 'x' },
    tool,
    { config_hash: 'x', tool_id: 'a' },
    { tool_id: 'a', config_hash: 'w' },
  ]
  expect(canonicalSet(elements).map(({ tool_id, config_hash }) => config_hash + tool_id)).toEqual(['wa', 'xa', 'xb'])
  for (const order of [
    [1, '1', 1, true, 'true'],
    ['true', true, '1', 1],
  ])
    expect(canonicalSet(order)).toEqual(['1', 1, 'true', true])
  expect(canonicalSet(['é', 'e\u0301'])).toHaveLength(1)
})

test('the hash of a set does not depend on the order its elements came in', () => {
  const elements = fc.array(fc.oneof(fc.string(), fc.integer(), fc.tuple(fc.string(), fc.integer())))
  fc.assert(
    fc.property(
      elements.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
      ([given, shuffled]) => {
        expect(canonicalHash(canonicalSet(shuffled))).toBe(canonicalHash(canonicalSet(given)))
      },
    ),
    { numRuns: 500 },
  )
})

test('refuses an element without canonical text', () => {
  expect(() => canonicalSet([1, NaN])).toThrow(expect.objectContaining({ code: 'CANON_NON_FINITE' }))
})
