import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { compileShim } from './io-faults/fault-shim.ts'
import { measure } from './io-faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctxlock-shim-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shim = compileShim(folder)
const skipped = 'missing' in shim ? ` (skipped: ${shim.missing})` : ''

test.skipIf('missing' in shim)(
  `an event that was acknowledged outlives a call that fails, and the next start goes on${skipped}`,
  { timeout: 300_000 },
  async () => {
    const progress = join(folder, 'progress.ndjson')
    const args = ['--count', '24', '--seed', '20261122', '--progress', progress]
    const result = await measure(args)
    expect(result).toMatchObject({ faults: 24, missed: 0, calls_of_new_processes_only: 0, problems: [] })
    expect(result.possible_faults).toBeGreaterThan(5_000)
    expect(result.acknowledged_events_looked_for).toBeGreaterThan(100)
    const kinds = Object.values(result.by_kind)
    expect(kinds.map(({ unnoticed, refused, faults }) => unnoticed + refused - faults)).toEqual([0, 0, 0, 0, 0])
    expect(
      kinds.reduce((sum, { refused }) => sum + refused, 0),
      'calls really fail',
    ).toBeGreaterThan(5)

    expect(readFileSync(progress, 'utf8').split('\n')).toHaveLength(1 + 24 + 1)
    await expect(measure([...args, '--stage', 'lock'])).rejects.toThrow(/Expected outcomes of .* faults of compact/)
  },
)

test('a scenario that is none is refused by name', async () => {
  await expect(measure(['--scenario', 'long'])).rejects.toThrow('Expected --scenario as one of compact, run.')
})
