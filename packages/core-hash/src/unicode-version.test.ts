import { expect, test } from 'vitest'

import { unicodeVersion } from './unicode-version.ts'

test('is that of the tables by which this process normalises', () => {
  expect(unicodeVersion).toMatch(/^\d+\.\d+/)
  expect(unicodeVersion).toBe(process.versions['unicode'])
})
