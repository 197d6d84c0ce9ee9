import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { startFakeServer } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

import { said } from './memory-client.ts'

test('the example of the README prints what the README says', async () => {
  const folder = join(import.meta.dirname, '..')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const answers: readonly object[] = [
    { models: [{ name: 'llama3.2:latest', digest: 'a80c4f17acd5' }] },
    said('Hello.', { done: true, done_reason: 'stop', prompt_eval_count: 26, eval_count: 3 }),
    { done: true, done_reason: 'unload' },
    { models: [] },
  ]
  const headers = { 'content-type': 'application/x-ndjson' }
  const server = await startFakeServer(
    answers.map((answer) => ({ status: 200, headers, body: [{ bytes: `${JSON.stringify(answer)}\n` }] })),
  )
  try {
    const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
      cwd: folder,
      env: { ...process.env, BASE_URL: server.origin },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
    expect(server.requests).toHaveLength(4)
  } finally {
    await server.close()
  }
})
