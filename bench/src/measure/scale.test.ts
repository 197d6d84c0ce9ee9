import { expect, it } from 'vitest'

import { measure } from './scale.ts'

it('locks and checks the tree it made, and says what each step took', { timeout: 300_000 }, async () => {
  const result = await measure(['--files', '40', '--seed', '7'])
  expect(result.files).toBe(40)
  expect(result.steps.map(({ command }) => command)).toEqual(['init', 'lock', 'lock', 'check'])
  for (const { seconds, peak_megabytes } of result.steps) {
    expect(seconds).toBeGreaterThan(0)
    expect(peak_megabytes).toBeGreaterThan(20)
  }
})

it('refuses a number of files that is none', async () => {
  await expect(measure(['--files', 'many'])).rejects.toThrow('Expected --files')
})
