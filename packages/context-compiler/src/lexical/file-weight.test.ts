import { describe, expect, test } from 'vitest'

import { fileWeight } from './file-weight.ts'
import { queryTerms } from './tokens.ts'

const weightOf = (path: string, question: string) => fileWeight(path, new Set(queryTerms(question)))

describe('fileWeight', () => {
  test.each([
    ['src/depot.test.ts', 0.85],
    ['tests/test_depot.py', 0.85],
    ['CHANGELOG.md', 0.4],
    ['.changeset/brave-boxes.md', 0.4],
    ['examples/depot/main.go', 0.6],
    ['src/depot.ts', 1],
    ['src/latest/contest.ts', 1],
    ['src/history/stack.ts', 1],
  ])('a match in %s counts %d', (path, weight) => {
    expect(weightOf(path, 'how is a parcel weighed')).toBe(weight)
  })

  test.each([
    ['src/depot.test.ts', 'which tests cover the depot'],
    ['CHANGELOG.md', 'what changed in release 2, see the changelog'],
    ['examples/depot/main.go', 'an example of a depot'],
    ['bench/depot.ts', 'benchmarks of the depot'],
    ['examples/depot.test.ts', 'example tests'],
  ])('in %s it counts in full when the question asks: %s', (path, question) => {
    expect(weightOf(path, question)).toBe(1)
  })
})
