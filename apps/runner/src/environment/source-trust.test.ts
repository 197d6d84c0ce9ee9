import { expect, test } from 'vitest'

import { createSourceTrust, isTrusted } from './source-trust.ts'

test('what is named twice counts as the lower; what nobody wrote here is low unless it is named high', () => {
  const trustOf = createSourceTrust({ low: ['imported/', '*.txt'], high: ['src/*', 'vendor/ours/', '!src/draft.md'] })
  expect(
    ['src/a.ts', 'src/a.txt', 'src/draft.md', 'docs/a.md', 'imported/src/a.ts', 'vendor/a.go', 'vendor/ours/a.go'].map(
      (path) => trustOf(path),
    ),
  ).toEqual(['high', 'low', 'medium', 'medium', 'low', 'low', 'high'])
  expect(createSourceTrust({ low: [], high: [] })('pnpm-lock.yaml')).toBe('low')
})

test('a class is enough for itself and for all below', () => {
  const classes = ['low', 'medium', 'high'] as const
  expect(classes.map((least) => classes.map((trust) => isTrusted(trust, least)))).toEqual([
    [true, true, true],
    [false, true, true],
    [false, false, true],
  ])
})
