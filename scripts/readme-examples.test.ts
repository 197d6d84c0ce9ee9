// The examples of the READMEs, as somebody runs them who has installed what the README says, and nothing else.
import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
    const installed = [...readme.matchAll(/^npm install ([^\n#]+)/gm)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    )
    return { folder, code, output, installed }
  })
/** Those that ask a server have a test of their own. */
const RUN = EXAMPLES.filter(({ code, output }) => output !== undefined && !code.includes('process.env'))

test.each(EXAMPLES.filter(({ folder }) => folder.startsWith('packages')))(
  'the README of $folder has everything installed that its example imports',
  ({ code, installed }) => {
    const imported = [...code.matchAll(/from '((?:@[^/']+\/)?[^/'.]+)/g)].flatMap(([, name = '']) => name)
    expect(imported.filter((name) => !name.startsWith('node:') && !installed.includes(name))).toEqual([])
  },
)

test.each(RUN)(
  'the example in the README of $folder prints what stands there',
  async ({ folder, code, output, installed }) => {
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(30)
    const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', code], {
      cwd: folder.startsWith('examples') ? join(ROOT, folder) : workplace(installed),
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe(output)
  },
)

test('the examples of all packages compile as strictly as the packages', async () => {
  const examples = EXAMPLES.filter(({ folder, code }) => folder.startsWith('packages') && code !== '')
  expect(examples.length).toBeGreaterThan(15)
  const place = workplace(examples.flatMap(({ installed }) => installed))
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

/** A folder of somebody who has installed these packages. What they depend on themselves is found beside them. */
function workplace(names: readonly string[]): string {
  const place = mkdtempSync(join(tmpdir(), 'ctxlock-readme-'))
  onTestFinished(() => rmSync(place, { recursive: true }))
  for (const name of new Set(names)) {
    expect(existsSync(join(INSTALLED, name)), name).toBe(true)
    const link = join(place, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(INSTALLED, name), link)
  }
  return place
}
