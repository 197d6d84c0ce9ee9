// The examples of the READMEs, as somebody runs them who has installed the packages: nothing is put into their scope.
import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
/** Where every package is installed. */
const INSTALLED = join(ROOT, 'apps/runner/node_modules')
const EXAMPLES = globSync('{packages,examples}/*/package.json', { cwd: ROOT })
  .map(dirname)
  .toSorted()
  .map((folder) => {
    const readme = readFileSync(join(ROOT, folder, 'README.md'), 'utf8')
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
    const [, output] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
    return { folder, code, output }
  })
/** Those that ask a server have a test of their own. */
const RUN = EXAMPLES.filter(({ code, output }) => output !== undefined && !code.includes('process.env'))

test.each(RUN)('the example in the README of $folder prints what stands there', async ({ folder, code, output }) => {
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: folder.startsWith('examples') ? join(ROOT, folder) : workplace(),
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe(output)
})

test('the examples of all packages compile as strictly as the packages', async () => {
  const place = workplace()
  const examples = EXAMPLES.filter(({ folder, code }) => folder.startsWith('packages') && code !== '')
  expect(examples.length).toBeGreaterThan(15)
  for (const { folder, code } of examples) writeFileSync(join(place, `${basename(folder)}.mts`), code)
  const options = { typeRoots: [join(ROOT, 'node_modules/@types')] }
  const project = { extends: join(ROOT, 'tsconfig.base.json'), compilerOptions: options, include: ['*.mts'] }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(project))
  const checked = promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', place, '--noEmit'])
  expect(
    await checked.then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    ),
  ).toBe('')
})

/** A folder of somebody who has installed the packages. */
function workplace(): string {
  expect(existsSync(INSTALLED)).toBe(true)
  const place = mkdtempSync(join(tmpdir(), 'ctxlock-readme-'))
  onTestFinished(() => rmSync(place, { recursive: true }))
  symlinkSync(INSTALLED, join(place, 'node_modules'))
  return place
}
