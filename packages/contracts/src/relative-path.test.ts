import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isRelativePath, RELATIVE_PATH } from './relative-path.ts'

test('a path is judged as the pattern and NFC judge it, plain or not', () => {
  const pieces = [
    'a',
    'Z9',
    '_',
    '-',
    '.',
    '..',
    '/',
    '//',
    '~',
    ':',
    'C:',
    '\\',
    '@',
    ' ',
    '\n',
    '\u0000',
    'e\u0301',
    '\u00e9',
    'http://',
  ]
  const paths = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))
  const counts = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(paths, (path) => {
      const isTaken = isRelativePath(path)
      expect(isTaken).toBe(RELATIVE_PATH.test(path) && path === path.normalize('NFC'))
      counts[isTaken ? 'taken' : 'refused'] += 1
    }),
    { seed: 36, numRuns: 3000 },
  )
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(200)
})

test('a path of more than 4096 characters is none, however plain', () => {
  expect([4096, 4097].map((length) => isRelativePath('a'.repeat(length)))).toEqual([true, false])
})
