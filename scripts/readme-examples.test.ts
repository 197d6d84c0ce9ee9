import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
/** Those whose example needs a server, a file or a name from outside have a test of their own. */
const FOLDERS = globSync('{packages,examples}/*/package.json', { cwd: ROOT })
  .map(dirname)
  .filter((folder) => !existsSync(join(ROOT, folder, 'test/readme.test.ts')))
  .filter((folder) => /```text\n/.test(readmeOf(folder)))
  .toSorted()

test.each(FOLDERS)('the example in the README of %s prints what stands there', async (folder) => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readmeOf(folder)) ?? []
  const [, output = ''] = /```text\n([\s\S]*?)```/.exec(readmeOf(folder)) ?? []
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: join(ROOT, folder),
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe(output)
})

function readmeOf(folder: string): string {
  return readFileSync(join(ROOT, folder, 'README.md'), 'utf8')
}
