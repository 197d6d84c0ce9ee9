import { expect, test } from 'vitest'

import { measureLock } from './lock.ts'

test('packs, reuses, writes and checks a small tree', () => {
  const { files, lockfile_bytes, rows } = measureLock({ files: 20, megabytes: 0.1, rounds: 1 })
  expect(files).toBe(20)
  expect(lockfile_bytes).toBeGreaterThan(20 * 150)
  expect(rows.map(({ work }) => work)).toEqual([
    'build every pack and keep it',
    'reuse every pack',
    'write the lockfile',
    'read the lockfile and compare',
  ])
  for (const { ms, ratio } of rows) expect([ms >= 0, ratio > 0]).toEqual([true, true])
})
