import { isSettled } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { fileLines } from './file-lines.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const

test('the same lines are the same object, which can never change', () => {
  const lines = fileLines('src/a.ts', A, { start: 1, end: 20 })
  expect(lines).toEqual({ kind: 'span', id: 'file:src/a.ts', hash: A, selector: 'lines:1-20' })
  expect([fileLines('src/a.ts', A, { start: 1, end: 20 }) === lines, isSettled(lines)]).toEqual([true, true])
})

test.each([
  ['path', fileLines('src/b.ts', A, { start: 1, end: 20 }), { id: 'file:src/b.ts' }],
  ['path with a space', fileLines('src/a.ts lines:1-20', A, { start: 1, end: 20 }), { id: 'file:src/a.ts lines:1-20' }],
  ['version', fileLines('src/a.ts', B, { start: 1, end: 20 }), { hash: B }],
  ['line', fileLines('src/a.ts', A, { start: 1, end: 21 }), { selector: 'lines:1-21' }],
])('another %s is another reference', (_, other, differs) => {
  expect(other).toEqual({ ...fileLines('src/a.ts', A, { start: 1, end: 20 }), ...differs })
})
