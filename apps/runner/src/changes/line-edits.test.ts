import { diff } from 'node:util'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { lineEdits, type LineEdit } from './line-edits.ts'

fc.configureGlobal({ seed: 20_261_121 })

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })

function applied(before: readonly string[], after: readonly string[], edits: readonly LineEdit[]): string[] {
  return edits
    .toReversed()
    .reduce(
      (result, { oldStart, oldCount, newStart, newCount }) =>
        result.toSpliced(oldStart, oldCount, ...after.slice(newStart, newStart + newCount)),
      [...before],
    )
}

const sizeOf = (edits: readonly LineEdit[]) =>
  edits.reduce((sum, { oldCount, newCount }) => sum + oldCount + newCount, 0)

test('the edits turn the old lines into the new ones, and no shorter list does', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const edits = lineEdits(before, after)
      expect(applied(before, after, edits)).toEqual(after)
      // Node's own implementation is the independent check; it cannot take two empty lists.
      const shortest = before.length + after.length === 0 ? [] : diff(before, after)
      expect(sizeOf(edits)).toBe(shortest.filter(([operation]) => operation !== 0).length)
    }),
    { numRuns: 2000 },
  )
})

test('edits are in order and apart', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const edits = lineEdits(before, after)
      for (const [index, edit] of edits.entries()) {
        const next = edits[index + 1]
        if (next) expect(next.oldStart).toBeGreaterThan(edit.oldStart + edit.oldCount)
      }
    }),
  )
})

test('a file that was written anew is one edit, and a hundred thousand lines take no longer for it', () => {
  const before = Array.from({ length: 100_000 }, (_, index) => `old ${index}`)
  const after = Array.from({ length: 100_000 }, (_, index) => `new ${index}`)
  const started = process.threadCpuUsage()
  expect(lineEdits(before, after)).toEqual([{ oldStart: 0, oldCount: 100_000, newStart: 0, newCount: 100_000 }])
  const changed = before.with(0, 'x').with(50_000, 'y').with(99_999, 'z')
  expect(lineEdits(before, changed).map(({ oldStart }) => oldStart)).toEqual([0, 50_000, 99_999])
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
})
