import { expect, test } from 'vitest'

import { measure } from './log-attacks.ts'

test('every random change to a log is named, and both verifiers agree; a killed run is incomplete', async () => {
  const { by_kind, ...result } = await measure(['--count', '400', '--seed', '7'])
  expect(result).toEqual({ seed: 7, attacks: 420, wrong: 0, disagreements: 0, killed: ['incomplete', 'incomplete'] })
  expect(Object.values(by_kind).every((count) => count >= 20)).toBe(true)
  expect(Object.keys(by_kind)).toHaveLength(8)
})
