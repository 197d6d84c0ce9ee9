import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { ProviderErrorCode, RETRYABLE_CODES } from '@ctxlock/contracts/provider'
import { startFakeServer } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

test('the example of the README prints what the README says', async () => {
  const folder = join(import.meta.dirname, '..')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const body = [{ bytes: '{"piece":"Hel"}\n{"piece":"lo"}\n{"stop":"end"}\n' }]
  const server = await startFakeServer([{ status: 200, headers: { 'content-type': 'application/x-ndjson' }, body }])
  try {
    const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
      cwd: folder,
      env: { ...process.env, BASE_URL: server.origin, TELLER_KEY: 'sk-readme' },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer sk-readme')
  } finally {
    await server.close()
  }
})

test('the table of the README says of every code what it says itself', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+)` \|[^|]+\|[^|]+\| ([^|]+) \|$/gm)]
  expect(rows.map(([, code]) => code)).toEqual(ProviderErrorCode.options)
  // Codes that are retryable in one case only say which.
  const retryable = rows.filter(([, , retries = '']) => !retries.startsWith('no')).map(([, code]) => code)
  expect(new Set(retryable)).toEqual(new Set(RETRYABLE_CODES))
})
