import { expect, test } from 'vitest'

import { compare } from './scan.ts'

test('every text is looked through by every view, the scanner and the redactor', () => {
  const rows = compare(2000, 1)
  const work = new Set(rows.map((row) => row.work))
  expect([...work]).toEqual(
    expect.arrayContaining(['V0', 'V1', 'V2', 'V3', 'V4', 'V5', 'R0', 'V6', 'scan, 500 patterns', 'redactor']),
  )
  expect(rows).toHaveLength(6 * work.size)
  for (const { ms, ratio } of rows) expect(Math.min(ms, ratio)).toBeGreaterThan(0)
})
