import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { compileShim } from './io-faults/fault-shim.ts'
import { measure } from './io-faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctxlock-shim-'))
const shim = compileShim(folder)
rmSync(folder, { recursive: true })
const skipped = 'missing' in shim ? ` (skipped: ${shim.missing})` : ''

test.skipIf('missing' in shim)(
  `an event that was acknowledged outlives a call that fails, and the next start goes on${skipped}`,
  { timeout: 300_000 },
  async () => {
    const args = ['--stage', 'append', '--count', '4', '--seed', '20261122']
    const { faults, missed, acknowledged_events_looked_for, problems } = await measure(args)
    expect({ faults, missed, problems }).toEqual({ faults: 4, missed: 0, problems: [] })
    expect(acknowledged_events_looked_for).toBeGreaterThan(4 * 30)
  },
)
