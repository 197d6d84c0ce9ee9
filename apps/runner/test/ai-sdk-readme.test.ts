import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { startChatServer } from './support/chat-server.ts'
import { makeWorkspace } from './support/workspace.ts'

test('the application in the README prints what the README says', async () => {
  const folder = join(import.meta.dirname, '..')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const server = await startChatServer({ reply: () => 'Hello.' })
  const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: folder,
    env: { ...process.env, BASE_URL: `${server.url}/v1`, WORKSPACE: makeWorkspace({ 'a.txt': 'a\n' }) },
  })
  expect(run.stdout).toBe(output)
  expect(server.bodies).toHaveLength(1)
})
