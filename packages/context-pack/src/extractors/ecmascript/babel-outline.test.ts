import { describe, expect, test } from 'vitest'

import { parseOutline } from './babel-outline.ts'

function refusal(text: string): string {
  const outline = parseOutline(text, 'a.ts')
  return 'refused' in outline ? outline.refused : 'parsed'
}

describe('hostile text is refused in bounded time, the same on every machine', () => {
  test.each([
    ['nested conditional arrows', `${'x=a?(b):('.repeat(40)}c${')=>d'.repeat(40)}`],
    ['nested type arguments before templates', 'a<b>`${'.repeat(40)],
    ['nested generic casts', '<T>('.repeat(40)],
  ])('%s', (_, text) => {
    // Without the budget each of these doubles with every level and would outlive the test run.
    expect(['too_complex', 'syntax_error']).toContain(refusal(text))
  })

  test.each([
    ['syntax_error', 'export class {{{'],
    ['too_deep', `x = ${'[\n'.repeat(5000)}`],
    ['too_deep', `x = ${'-\n'.repeat(100_000)}1`],
    ['too_deep', `x = ${'a => '.repeat(301)}1`],
    ['parsed', `x = ${'a => '.repeat(299)}1`],
    ['too_large', 'let a\n'.repeat(200_000)],
  ])('%s', (reason, text) => {
    expect(refusal(text)).toBe(reason)
  })
})
