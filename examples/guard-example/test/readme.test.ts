import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

test('the example of the README prints what the README says', () => {
  const folder = join(import.meta.dirname, '..')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const run = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe(output)
})
