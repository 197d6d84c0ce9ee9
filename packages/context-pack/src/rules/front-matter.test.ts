import { expect, test } from 'vitest'

import { readFrontMatter } from './front-matter.ts'

test.each([
  ['what Cursor writes, which is no YAML', 'globs: *.ts,*.tsx', { globs: ['*.ts', '*.tsx'] }],
  ['a flow list', 'globs: ["a,b.ts", \'c.ts\', d.ts]', { globs: ['a,b.ts', 'c.ts', 'd.ts'] }],
  ['a block list', 'globs:\n  - a.ts\n  - "b.ts"', { globs: ['a.ts', 'b.ts'] }],
  ['braces', 'globs: **/*.{ts,tsx}, *.md', { globs: ['**/*.{ts,tsx}', '*.md'] }],
  ['an empty value', 'globs:\nalwaysApply: true', { globs: [], alwaysApply: ['true'] }],
  ['a comment', 'alwaysApply: false # by hand', { alwaysApply: ['false'] }],
  ['a folded text', 'description: >-\n  of two\n  lines', { description: ['>-', 'of two', 'lines'] }],
  ['keys in a text', 'description: a\n  globs: b', { description: ['a', 'globs: b'] }],
])('%s', (_, lines, expected) => {
  expect(Object.fromEntries(readFrontMatter(`---\n${lines}\n---\n# Text\n`) ?? [])).toEqual(expected)
  expect(Object.fromEntries(readFrontMatter(`---\r\n${lines.replaceAll('\n', '\r\n')}\r\n---\r\n`) ?? [])).toEqual(
    expected,
  )
})

test('a text without front matter has no entries, one that never closes it is none', () => {
  expect(readFrontMatter('# Text\n\n---\na: b\n---\n')?.size).toBe(0)
  expect(readFrontMatter('---\nalwaysApply: true\n\n# Text\n')).toBeUndefined()
})
