import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

import { folderPattern, globPatterns, liesWithin, patternsOverlap, scopePattern } from './path-patterns.ts'

fc.configureGlobal({ seed: 20_261_121 })

test.each([
  ['packages/a', 'packages/', true],
  ['packages/a', 'packages/a', true],
  ['packages/a', 'packages/a/x.ts', true],
  ['packages/a', 'packages/ab/x.ts', false],
  ['packages/a', 'packages/*/x.ts', true],
  ['packages/a/deep', 'packages/*/x.ts', false],
  ['packages/a/deep', 'packages/**/x.ts', true],
  ['src', '*.ts', false],
  ['src', '**', true],
])('below %s lies something of %s: %s', (folder, entry, expected) => {
  expect(patternsOverlap(folderPattern(folder), scopePattern(entry))).toBe(expected)
})

const part = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', '?', '**')
const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'aab'), { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join('/'))

test('a path in both scopes means that they overlap', () => {
  fc.assert(
    fc.property(pattern, pattern, path, (left, right, candidate) => {
      fc.pre(isInScope(candidate, [left]) && isInScope(candidate, [right]))
      expect(patternsOverlap(scopePattern(left), scopePattern(right))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('overlap is symmetric, and a scope overlaps itself', () => {
  fc.assert(
    fc.property(pattern, pattern, (left, right) => {
      const [a, b] = [scopePattern(left), scopePattern(right)]
      expect(patternsOverlap(a, b)).toBe(patternsOverlap(b, a))
      expect(patternsOverlap(a, a)).toBe(true)
    }),
  )
})

test('the longest glob against the longest scope ends soon', () => {
  const start = process.threadCpuUsage()
  patternsOverlap(scopePattern('**/a/'.repeat(50)), scopePattern('a/**/'.repeat(800)))
  patternsOverlap(['*a'.repeat(128)], ['a*'.repeat(2000)])
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(10_000)
})

test('only a fixed beginning says that a scope lies within a folder', () => {
  expect(liesWithin(scopePattern('packages/a/'), 'packages/a')).toBe(true)
  expect(liesWithin(scopePattern('packages/a/**/x.ts'), 'packages/a')).toBe(true)
  expect(liesWithin(scopePattern('packages/*/x.ts'), 'packages/a')).toBe(false)
  expect(liesWithin(scopePattern('packages/'), 'packages/a')).toBe(false)
})

describe('globs of a rule file', () => {
  const holds = (glob: string, file: string, folder = '') =>
    globPatterns(glob, folder).some((own) =>
      patternsOverlap(
        own,
        scopePattern(file, (entry) => !entry.endsWith('/')),
      ),
    )

  test.each([
    ['*.ts', 'src/deep/a.ts', true],
    ['*.ts', 'src/a.tsx', false],
    ['**/*.{ts,tsx}', 'src/a.tsx', true],
    ['src/{a,b}/{c,d}.ts', 'src/b/c.ts', true],
    ['src/{a,b}/{c,d}.ts', 'src/b/e.ts', false],
    ['docs/', 'docs/deep/a.md', true],
    ['./docs/*.md', 'docs/a.md', true],
    ['/src/**', 'src/a.ts', true],
    ['src/[id].ts', 'src/i.ts', true],
    ['src/**/*.test.ts', 'src/a.ts', false],
    ['src/**/*.test.ts', 'src/', true],
  ])('%s holds for %s: %s', (glob, file, expected) => {
    expect(holds(glob, file)).toBe(expected)
  })

  test('in a nested folder are relative to it, or written from the root', () => {
    expect(holds('src/*.ts', 'packages/a/src/x.ts', 'packages/a')).toBe(true)
    expect(holds('packages/a/src/*.ts', 'packages/a/src/x.ts', 'packages/a')).toBe(true)
    expect(holds('src/*.ts', 'src/x.ts', 'packages/a')).toBe(false)
    expect(holds('*.ts', 'packages/b/x.ts', 'packages/a')).toBe(false)
  })

  test.each(['!src/**', 'src/+(a|b).ts', `${'{a,b}'.repeat(7)}`, 'x'.repeat(257)])('%s is refused', (glob) => {
    expect(() => globPatterns(glob, '')).toThrow(expect.objectContaining({ code: 'PACK_RULE_FILE_UNREADABLE' }))
  })
})
