import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

import { uncoveredScope } from './scope-cover.ts'

fc.configureGlobal({ seed: 20_261_121 })

test.each([
  [['src/'], ['src'], []],
  [['src/'], ['src/a', 'src/**/*.ts'], []],
  [['src/**'], ['src/a/'], []],
  [['**'], ['a', '*.ts', 'b/**'], []],
  [['a*/**'], ['ab/c'], []],
  [['src/*'], ['src/deep'], ['src/deep']],
  [['src/*'], ['src/file.ts'], []],
  [['src/'], ['**/a.ts', '*'], ['**/a.ts', '*']],
  [['src/'], ['srcs/a', 's*/a'], ['srcs/a', 's*/a']],
  [[], ['a'], ['a']],
])('of %j, %j leaves %j uncovered', (granted, wanted, expected) => {
  expect(uncoveredScope(granted, wanted, new Set(['src/file.ts']))).toEqual(expected)
})

const entry = fc
  .array(fc.constantFrom('a', 'b', 'ab', '*', 'a*', '?', '**'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
const scope = fc.array(entry, { maxLength: 3 })
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'ba'), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))

test('what is covered grants no path that was not granted', () => {
  fc.assert(
    fc.property(scope, scope, path, (granted, wanted, candidate) => {
      const covered = wanted.filter((one) => !uncoveredScope(granted, wanted, new Set()).includes(one))
      if (isInScope(candidate, covered)) expect(isInScope(candidate, granted)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
