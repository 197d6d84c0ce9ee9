import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isInScope } from './scope-pattern.ts'

fc.configureGlobal({ seed: 20261120 })

test.each([
  ['src/a.ts', 'src/a.ts', true],
  ['src/a.ts', 'src', true],
  ['src/a.ts', 'src/', true],
  ['src/deep/a.ts', 'src/', true],
  ['srcs/a.ts', 'src', false],
  ['src', 'src/a.ts', false],
  ['src/A.ts', 'src/a.ts', false],
  ['src/a.ts', 'src/*.ts', true],
  ['src/deep/a.ts', 'src/*.ts', false],
  ['src/deep/er/a.ts', 'src/**/*.ts', true],
  ['src/a.ts', 'src/**/*.ts', true],
  ['a/b/c', '**', true],
  ['a/b/c', '**/c', true],
  ['a/b/c', '**/b', false],
  ['a/b/c', 'a/**/b/**/c', true],
  ['src/ab.ts', 'src/a?.ts', true],
  ['src/a.ts', 'src/a?.ts', false],
  ['src/a\u{1F600}.ts', 'src/a?.ts', true],
  ['src/a*.ts', 'src/a*.ts', true],
  ['src/[id].ts', 'src/[id].ts', true],
  ['src/i.ts', 'src/[id].ts', false],
])('%s in %s: %s', (path, pattern, expected) => {
  expect(isInScope(path, [pattern])).toBe(expected)
})

test('nothing is in an empty scope', () => {
  expect(isInScope('a', [])).toBe(false)
})

test('agrees with a regular expression written from the same rules', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '?', '**')
  const name = fc.constantFrom('a', 'b', 'ab', 'aab')
  const quote = (one: string) => one.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.array(name, { minLength: 1, maxLength: 5 }),
      (parts, names) => {
        const isPlain = !parts.some((one) => /[*?]/.test(one))
        // Every name carries its slash, so that `**` stands for whole names only.
        const body = parts.map((one) => (one === '**' ? '(?:[^/]+/)*' : `${quote(one)}/`)).join('')
        const expected = new RegExp(`^${body}${isPlain ? '' : '$'}`).test(`${names.join('/')}/`)
        expect(isInScope(names.join('/'), [parts.join('/')])).toBe(expected)
      },
    ),
    { numRuns: 2000 },
  )
})

test('a hostile pattern takes no exponential time', () => {
  const started = process.threadCpuUsage()
  expect(isInScope('a/'.repeat(500) + 'b', ['**/a/'.repeat(400) + 'c'])).toBe(false)
  expect(isInScope('a'.repeat(2000), [`${'*a'.repeat(1000)}b`])).toBe(false)
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
})
