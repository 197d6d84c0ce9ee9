import { expect, test } from 'vitest'

import type { Comment } from './outline.ts'
import { startWithComments } from './preceding-comments.ts'

/** The text from where the part `x` starts with its comments. */
function withComments(text: string): string {
  const comments = [...text.matchAll(/\/\*.*?\*\/|\/\/[^\n\r]*/gs)].map(({ index, 0: content }): Comment => ({
    start: index,
    end: index + content.length,
    isLine: content.startsWith('//'),
  }))
  const start = text.lastIndexOf('x')
  return text.slice(startWithComments(text, comments, start))
}

test.each([
  ['// a\nx', '// a\nx'],
  ['  /**\n   * a\n   */\r\n  x', '/**\n   * a\n   */\r\n  x'],
  ['// a\n// b\n/* c */\nx', '// a\n// b\n/* c */\nx'],
  ['// a\n\n// b\nx', '// b\nx'],
  ['// a\n\nx', 'x'],
  ['a() // b\nx', 'x'],
  ['/* a */ x', 'x'],
  ['/* a */ b\nx', 'x'],
  ['x', 'x'],
  [`// a${' '.repeat(500)}\n${' '.repeat(500)}x`, 'x'],
])('%j', (text, expected) => expect(withComments(text)).toBe(expected))
