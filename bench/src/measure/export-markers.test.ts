import { expect, test } from 'vitest'

import { measure } from './export-markers.ts'

test('no marker shows in redacted bundles and spans, and the search for it would find one', async () => {
  const result = await measure(['--runs', '3', '--events', '500', '--seed', '7'])
  expect(result).toMatchObject({ runs: 3, events: 500, hits: 0, shown: [], control_runs: 3 })
  expect(result.control_events).toBeGreaterThan(10)
})
