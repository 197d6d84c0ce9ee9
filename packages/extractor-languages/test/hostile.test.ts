// What a hostile file can do to a parser: nothing but be refused, in bounded time, and leave no trace in the next answer.
import { describe, expect, test } from 'vitest'

import { EXAMPLES } from './examples.ts'
import { anchorLines, answerOf, extractWith } from './extract.ts'

/** A bound against hangs: without bounds of work these take minutes to days. */
const PATIENCE = 60_000
const MEBIBYTE = 1024 * 1024

const HOSTILE: Readonly<Record<string, string>> = {
  'a mebibyte of open brackets': '('.repeat(MEBIBYTE),
  'one line of a mebibyte': `a = "${'x'.repeat(MEBIBYTE - 100)}"`,
  'more levels than a scanner can store': Array.from({ length: 1200 }, (_, n) => `${' '.repeat(n)}if a:\n`).join(''),
  'more open heredocs than a scanner can store': `${Array.from({ length: 3000 }, (_, n) => `<<A${n} `).join('')}\n`,
  'more open tags than a scanner can store': Array.from({ length: 3000 }, (_, n) => `<t${n}>`).join(''),
  'marks of a raw string that never begins': `let a = ${'#'.repeat(70_000)}"x`,
  NULs: '\0'.repeat(100_000),
  'what is no Unicode': '\ud800'.repeat(50_000),
}

describe.each(EXAMPLES)('$path', ({ path, text, anchors }) => {
  test.each(Object.entries(HOSTILE))('%s', { timeout: PATIENCE }, async (_, hostile) => {
    const answer = await answerOf(path, hostile)
    if ('refused' in answer) expect(answer.refused).toMatch(/^(?:too_complex|too_large|syntax_error)$/)
    else expect(JSON.stringify(answer).length).toBeLessThan(MEBIBYTE)
    expect(anchorLines((await extractWith(path, text)).anchors)).toBe(anchors)
  })
})

/** Few bytes that drive error recovery in circles: the work grows with their square. */
const CIRCLES: Readonly<Record<string, string>> = {
  'a.java': '~,#'.repeat(2000),
  'a.rb': 'a\n|@'.repeat(2000),
  'a.cpp': '}\t?-'.repeat(2000),
  'a.py': '~%'.repeat(3000),
  'a.c': '<!--'.repeat(3000),
  'a.rs': ',&'.repeat(3000),
}

test(
  'a scanner that asks for the next character for ever is ended, and leaves nothing behind',
  { timeout: PATIENCE },
  async () => {
    const example = EXAMPLES.find(({ path }) => path === 'a.kt')
    for (let round = 0; round < 10; round += 1) {
      expect(await answerOf('a.kt', 'val a = 2\n@R')).toEqual({ refused: 'too_complex' })
      expect(anchorLines((await extractWith('a.kt', example?.text ?? '')).anchors)).toBe(example?.anchors)
    }
  },
)

describe('a few kilobytes that take minutes to parse are refused by the work they take', () => {
  test.each(Object.entries(CIRCLES))('%s', { timeout: PATIENCE }, async (path, hostile) => {
    expect(await answerOf(path, hostile)).toEqual({ refused: 'too_complex' })
  })
})
