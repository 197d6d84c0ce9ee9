import { textHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { linesOf } from './chunks.ts'
import { tokenisedWindows } from './window-tokens.ts'

const windowsOf = (text: string) => tokenisedWindows({ hash: textHash(text), lines: linesOf(text) })

test('the windows of a text and their tokens are made once, and another text has its own', () => {
  const first = windowsOf('openBox\nclose\n')
  expect(first.map(({ window, tokens }) => [window.start, window.end, tokens])).toEqual([
    [1, 2, ['openbox', 'open', 'box', 'clos']],
  ])
  expect(windowsOf('openBox\nclose\n')).toBe(first)
  expect(windowsOf('openBox\nclosed\nshut\n').map(({ window }) => window.end)).toEqual([3])
})

test('large texts drive out what is remembered', () => {
  const first = windowsOf('small\n')
  windowsOf(`${'word '.repeat(900_000)}\n`)
  expect(windowsOf('small\n')).not.toBe(first)
  expect(windowsOf('small\n')).toEqual(first)
})
