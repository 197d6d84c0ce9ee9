import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { startFakeServer } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

test('the example of the README prints what the README says', async () => {
  const folder = join(import.meta.dirname, '..')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const delta = (content: object, finish_reason: string | null = null) => ({
    model: 'qwen3',
    choices: [{ index: 0, delta: content, finish_reason }],
  })
  const usage = { choices: [], usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 } }
  const messages = [delta({ content: 'Hel' }), delta({ content: 'lo.' }), delta({}, 'stop'), usage]
  const bytes = [...messages.map((message) => JSON.stringify(message)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('')
  const server = await startFakeServer([
    { status: 200, headers: { 'content-type': 'text/event-stream' }, body: [{ bytes }] },
  ])
  try {
    const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
      cwd: folder,
      env: { ...process.env, BASE_URL: `${server.origin}/v1` },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
  } finally {
    await server.close()
  }
})
