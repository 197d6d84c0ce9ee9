import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { beginErasure, endErasure, isErasureOpen } from './interrupted-erasure.ts'

test('an erasure is open until the one who began it last is done', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(isErasureOpen(folder)).toBe(false)
  const [first, second] = [beginErasure(folder), beginErasure(folder)]
  endErasure(folder, first)
  expect(isErasureOpen(folder)).toBe(true)
  endErasure(folder, second)
  expect(isErasureOpen(folder)).toBe(false)
  endErasure(folder, second)
})
