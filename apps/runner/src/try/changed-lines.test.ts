import { expect, test } from 'vitest'

import { changedLines } from './changed-lines.ts'

const bytes = (text: string) => Buffer.from(text)

test('gives the block of lines that differs', () => {
  expect(changedLines(bytes('a\nb\nc\n'), bytes('a\nx\ny\nc\n'))).toEqual({
    line: 2,
    removed: ['b'],
    added: ['x', 'y'],
  })
  expect(changedLines(bytes('a\na\n'), bytes('a\na\na\n'))).toEqual({ line: 3, removed: [], added: ['a'] })
  expect(changedLines(bytes('a\n'), bytes(''))).toEqual({ line: 1, removed: ['a'], added: [] })
  expect(changedLines(bytes('a\r\n'), bytes('a\n'))).toEqual({ line: 1, removed: ['a\r'], added: ['a'] })
})

test('says nothing of equal texts and of bytes that are no text', () => {
  expect(changedLines(bytes('a\n'), bytes('a\n'))).toBeUndefined()
  expect(changedLines(Uint8Array.of(0xff), bytes('a'))).toBeUndefined()
})
