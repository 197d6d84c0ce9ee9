import { expect, test } from 'vitest'

import { compare } from './durable-engine.ts'

test('steps and waiting runs are timed; while all wait the process has one timer', async () => {
  const { rows, waiting } = await compare({ steps: 10, waiting: 300 })
  expect(rows).toHaveLength(2)
  for (const { ratio } of rows) expect(ratio).toBeGreaterThan(0)
  expect(waiting).toMatchObject({ runs: 300, timers: 1 })
})
