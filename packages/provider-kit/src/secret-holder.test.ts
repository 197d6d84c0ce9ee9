import { inspect } from 'node:util'

import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

import { createSecretHolder } from './secret-holder.ts'

const CANARY = 'sk-canary-1234567890'

test('no form of the holder shows the secret', () => {
  const holder = createSecretHolder(() => CANARY)
  const forms = [
    String(holder),
    [holder].join(' '),
    JSON.stringify({ holder }),
    inspect(holder, { showHidden: true, depth: null }),
    inspect({ nested: [holder] }, { depth: null }),
    JSON.stringify(Object.entries(holder)),
    JSON.stringify(structuredClone({ ...holder })),
  ]
  for (const form of forms) expect(form).not.toContain(CANARY)
  expect(String(holder)).toBe('[REDACTED:api_key:provider]')
  expect(JSON.stringify(holder)).toBe('"[REDACTED:api_key:provider]"')
  expect(holder.bearer()).toBe(`Bearer ${CANARY}`)
})

test('the secret is read each time it is asked for, and never before', () => {
  let reads = 0
  const holder = createSecretHolder(() => `key-${(reads += 1)}`)
  expect(holder.present).toBe(true)
  expect(reads).toBe(0)
  expect([holder.bearer(), holder.bearer()]).toEqual(['Bearer key-1', 'Bearer key-2'])
})

test('a provider without a secret has none to give', () => {
  expect(createSecretHolder().present).toBe(false)
})

test.each([[undefined], [''], ['a\r\nx-evil: 1'], ['a b'], ['schlüssel'], ['a\u0000'], ['k'.repeat(8193)]])(
  'refuses %j without repeating it',
  async (value) => {
    const error = await providerErrorOf(() => createSecretHolder(() => value).bearer())
    expect(error).toMatchObject({ code: 'invalid_config', attempts: 0, reason: 'secret' })
    if (value !== undefined && value.length > 2) expect(inspect(error)).not.toContain(value)
  },
)
