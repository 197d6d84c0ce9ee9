import { expect, it } from 'vitest'

import { compare } from './redactor.ts'

it('times the redactor over files and over short fields beside adding up their bytes', () => {
  const rows = compare(1, 1)
  expect(rows.map(({ work }) => work)).toEqual(['detect in files', 'redact short fields'])
  for (const { texts, ms, limit_ms } of rows) {
    expect(texts).toBeGreaterThan(100)
    expect(ms).toBeGreaterThan(0)
    expect(limit_ms).toBeGreaterThanOrEqual(0)
  }
})
